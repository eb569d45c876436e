"""Findings become rows without anything of a patient, and rows findings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec
from sqlalchemy import Engine, func, insert, select

from wherry.adapters.sql import reading, writing
from wherry.errors import Failure, Kind
from wherry_risk.monitoring.watch import Findings
from wherry_risk.tables import risk_finding

_row = risk_finding.c


class Found(Protocol):
    """What monitoring found, run after run."""

    def add(self, findings: Sequence[Findings]) -> None:
        """Keep the findings of a run. Raises: Failure(UNAVAILABLE)."""
        ...

    def latest(self, tenant: str) -> list[Findings]:
        """The newest of each model and role. Raises: Failure(UNAVAILABLE)."""
        ...

    def between(self, tenant: str, since: datetime, until: datetime) -> list[Findings]:
        """Those of windows that ended from `since` to before `until`, oldest first."""
        ...


class SqlFound:
    """The `Found` port on one table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, findings: Sequence[Findings]) -> None:
        """Keep the findings of a run."""
        rows = [
            {
                "tenant": one.tenant,
                "model": one.model,
                "version": one.version,
                "role": one.role,
                "until_s": one.until.timestamp(),
                "body": msgspec.json.encode(one).decode(),
            }
            for one in findings
        ]
        if rows:
            with writing(self._engine) as connection:
                connection.execute(insert(risk_finding), rows)

    def latest(self, tenant: str) -> list[Findings]:
        """The newest of each model and role."""
        newest = (
            select(func.max(_row.id))
            .where(_row.tenant == tenant)
            .group_by(_row.model, _row.version, _row.role)
        )
        wanted = select(_row.body).where(_row.id.in_(newest)).order_by(_row.model, _row.role)
        with reading(self._engine) as connection:
            return [_findings(body) for (body,) in connection.execute(wanted)]

    def between(self, tenant: str, since: datetime, until: datetime) -> list[Findings]:
        """Those of windows that ended from `since` to before `until`, oldest first."""
        inside = (_row.until_s >= since.timestamp(), _row.until_s < until.timestamp())
        wanted = select(_row.body).where(_row.tenant == tenant, *inside).order_by(_row.id)
        with reading(self._engine) as connection:
            return [_findings(body) for (body,) in connection.execute(wanted)]


def _findings(body: str) -> Findings:
    try:
        return msgspec.json.decode(body, type=Findings)
    except msgspec.ValidationError:
        raise Failure(Kind.FAULT, "findings of another release", at="risk_finding") from None
