"""Shown cards counted by what came of them, for all tenants at once."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Engine, func, select

from wherry.adapters.sql import reading
from wherry_cds.tables import cds_decision, cds_feedback

_card, _said = cds_decision.c, cds_feedback.c

Tally = Mapping[tuple[str, str], Mapping[str, int]]
"""By tenant and service: cards by outcome, ignored among them."""


class SqlTally:
    """Counts over the tables of the board."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def shown(self, since: datetime, until: datetime) -> Tally:
        """Cards that were shown then, by the last that was said. Raises: Failure(UNAVAILABLE)."""
        last = (
            select(_said.outcome)
            .where(_said.tenant == _card.tenant, _said.card_id == _card.card_id)
            .order_by(_said.outcome_s.desc(), _said.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        each = (
            select(_card.tenant, _card.service, func.coalesce(last, "ignored").label("outcome"))
            .where(_card.shown, _card.at_s >= since.timestamp(), _card.at_s < until.timestamp())
            .subquery()
        )
        counted = select(each.c.tenant, each.c.service, each.c.outcome, func.count()).group_by(
            each.c.tenant, each.c.service, each.c.outcome
        )
        found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        with reading(self._engine) as connection:
            for tenant, service, outcome, count in connection.execute(counted):
                found[tenant, service][outcome] += count
        return found
