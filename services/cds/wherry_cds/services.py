"""POST /cds-services/<service>: a hook that fired becomes cards, or an honest refusal."""

from flask import Blueprint, Response, g

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry.web.outcome import respond
from wherry_cds.answering import answer
from wherry_cds.deadline import Deadline
from wherry_cds.deps import deps
from wherry_cds.gather import note_mismatch
from wherry_cds.protocol.answer import whole
from wherry_cds.protocol.call import Call, other_patients, parse
from wherry_cds.protocol.catalogue import on_offer
from wherry_cds.protocol.problem import outcome

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
    if not needs.policies.of(client.tenant).of(service).enabled:
        raise Failure(Kind.FORBIDDEN, "this service is not switched on for this tenant")
    lenient = client.profile.any_hook_instance
    parsed = parse(json_object(), services, needs.contexts, any_instance=lenient)
    if not isinstance(parsed, Call):
        return respond(Kind.INVALID.http, outcome(parsed))
    if client.hooks and parsed.service.hook not in client.hooks:
        raise Failure(Kind.FORBIDDEN, "this hook is not switched on for this client", at="hook")
    if others := other_patients(parsed, needs.contexts):
        note_mismatch(parsed, client, needs, others[0].at)
        return respond(Kind.INVALID.http, outcome(others))
    cards = answer(parsed, client, needs, Deadline(g.started + needs.deadline_s, needs.ticks))
    g.indicator = cards[0]["indicator"] if cards else "none"
    return Response(encode(whole({"cards": cards})), content_type="application/json")
