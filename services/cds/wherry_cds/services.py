"""POST /cds-services/<service>: a hook that fired becomes cards, or an honest refusal."""

import structlog
from flask import Blueprint, Response, g

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry.web.outcome import respond
from wherry_cds.clients.client import Client
from wherry_cds.deadline import Deadline
from wherry_cds.deps import Deps, deps
from wherry_cds.gather import gather, note_mismatch
from wherry_cds.protocol.answer import whole
from wherry_cds.protocol.call import Call, other_patients, parse
from wherry_cds.protocol.catalogue import on_offer
from wherry_cds.protocol.problem import outcome
from wherry_cds.rules.cards import RULES
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.score import Withheld

log = structlog.get_logger()

bp = Blueprint("services", __name__)


@bp.before_app_request
def start() -> None:
    """Note when the call came in."""
    g.started = deps().ticks()


@bp.after_request
def count(response: Response) -> Response:
    """Count the call under a known service id, so that labels stay few."""
    needs = deps()
    seconds = needs.ticks() - g.get("started", needs.ticks())
    needs.metrics.answered(
        g.get("service_id", "unknown"),
        status=response.status_code,
        indicator=g.get("indicator", "none"),
        seconds=seconds,
    )
    return response


@bp.post("/cds-services/<service>")
def call(service: str) -> Response:
    """Answer one hook. Source: CDS Hooks 2.0, Calling a CDS Service."""
    needs, client = deps(), g.client
    services = on_offer(service, needs.services)
    g.service_id = service
    lenient = client.profile.any_hook_instance
    parsed = parse(json_object(), services, needs.contexts, any_instance=lenient)
    if not isinstance(parsed, Call):
        return respond(Kind.INVALID.http, outcome(parsed))
    if client.hooks and parsed.service.hook not in client.hooks:
        raise Failure(Kind.FORBIDDEN, "this hook is not switched on for this client", at="hook")
    if others := other_patients(parsed, needs.contexts):
        note_mismatch(parsed, client, needs, others[0].at)
        return respond(Kind.INVALID.http, outcome(others))
    made = answer(parsed, client, needs, Deadline(g.started + needs.deadline_s, needs.ticks))
    g.indicator = made["indicator"]
    return Response(encode(whole({"cards": [made]})), content_type="application/json")


def answer(call: Call, client: Client, needs: Deps, deadline: Deadline) -> Card:
    """Gather the record, have it scored, and build the card, all before the deadline."""
    record = gather(call, client, needs, deadline)
    at = needs.clock.now()
    rule = RULES[call.service.id]
    score = needs.scorer.score(
        rule.model, call.patient_id, record.resources, at=at, timeout_s=deadline.left_s()
    )
    log.info(
        "hook_answered",
        service=call.service.id,
        hook_instance=call.hook_instance,
        patient_id=call.patient_id,
        user_id=call.user_id,
        model=rule.model,
        version=(score.refused if isinstance(score, Withheld) else score).version,
    )
    chart = needs.links.chart.rstrip("/")
    basis = Basis(
        at=at,
        card_id=needs.new_id(),
        truncated=record.truncated,
        partial=record.partial,
        source_url=needs.links.source,
        chart_url=f"{chart}/{call.patient_id}" if chart else "",
        smart_url=needs.links.smart,
    )
    return rule.card(score, basis)
