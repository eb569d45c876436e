"""POST /cds-services/<service>/feedback: what clinicians did with cards."""

from collections.abc import Sequence

import structlog
from flask import Blueprint, Response, g

from wherry.codec import encode
from wherry.errors import Kind
from wherry.web.body import json_object
from wherry.web.outcome import respond
from wherry_cds.board.port import Said
from wherry_cds.deps import deps
from wherry_cds.policy.policy import SNOOZES
from wherry_cds.protocol.catalogue import on_offer
from wherry_cds.protocol.feedback import Item, parse
from wherry_cds.protocol.problem import Problem, outcome

log = structlog.get_logger()

bp = Blueprint("feedback", __name__)


@bp.post("/cds-services/<service>/feedback")
def feedback(service: str) -> Response:
    """Keep each item once; nothing is kept when one of them is wrong.

    A card that nobody knows is kept too: it may be older than what is kept of cards.
    Source: CDS Hooks 2.0, Feedback.
    """
    needs, tenant = deps(), g.client.tenant
    on_offer(service, needs.services)
    parsed = parse(json_object())
    if problems := [one for one in parsed if isinstance(one, Problem)]:
        return respond(Kind.INVALID.http, outcome(problems))
    items = [one for one in parsed if isinstance(one, Item)]
    policy = needs.policies.of(tenant).of(service)
    orphans = needs.board.take(tenant, service, [_said(one) for one in items], policy)
    _count(service, items)
    log.info("feedback_kept", cds_service=service, items=len(items), orphans=orphans)
    return Response(encode({}), content_type="application/json")


def _count(service: str, items: Sequence[Item]) -> None:
    """Reasons that are not ours are counted together, so that labels stay few."""
    for item in items:
        reason = item.reason if item.reason in SNOOZES else "other" if item.reason else "none"
        deps().metrics.told(service, outcome=item.outcome, reason=reason)


def _said(item: Item) -> Said:
    return Said(
        card=item.card,
        outcome=item.outcome,
        at=item.at,
        suggestions=item.suggestions,
        reason=item.reason,
        comment=item.comment,
        system=item.system,
        not_utc=item.not_utc,
    )
