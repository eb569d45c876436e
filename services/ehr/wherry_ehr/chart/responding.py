"""/chart/<patient>/cards: a suggestion is taken, after confirmation, or a card is dismissed."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import structlog
from flask import Response, make_response, render_template, request, url_for

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_ehr.auth.registry import registered
from wherry_ehr.chart.calling import Caller, cds_servers
from wherry_ehr.chart.cards import Card, cards
from wherry_ehr.chart.changing import change
from wherry_ehr.chart.exchanges import FEEDBACK, HOOK, TAKEN, Exchange, exchanges, micros
from wherry_ehr.chart.feedback import MAX_COMMENT, accepted, overridden
from wherry_ehr.chart.firing import to_advice
from wherry_ehr.chart.frame import pages_of
from wherry_ehr.chart.hooks import endpoint
from wherry_ehr.chart.opened import Opened, opened
from wherry_ehr.chart.shown import SYSTEM, read
from wherry_ehr.chart.suggestions import ONE, Action, system_actions
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

bp = pages_of("responding", __name__)


class Asked(NamedTuple):
    """What is to be confirmed, and where the answer goes; `trouble` says why it cannot be done."""

    label: str
    actions: tuple[Action, ...]
    trouble: str
    address: str
    suggestion: str = ""


@bp.post("/<patient_id>/cards/<exchange>/<int:number>/take")
def take(patient_id: str, exchange: str, number: int) -> Response:
    """Show what a suggestion would change; with `confirm`, change it and tell the service."""
    open_, made, card = _card(patient_id, exchange, number)
    asked = request.form.get("suggestion", "")
    taken = next((one for one in card.suggestions if str(one.number) == asked), None)
    if taken is None:
        raise Failure(Kind.NOT_FOUND, "the card has no such suggestion", at="suggestion")
    about = f"{made.id}/{card.number}/{taken.number}"
    before = _taken(open_, made, f"{made.id}/{card.number}/")
    if before and (card.behaviour == ONE or about in before):
        raise Failure(Kind.CONFLICT, "this was taken already")
    if request.form.get("confirm") != "yes":
        here_ = url_for("responding.take", patient_id=patient_id, exchange=exchange, number=number)
        return _confirm(open_, made, Asked(taken.label, taken.actions, taken.trouble, here_, asked))
    _apply(open_, made, about, taken.actions, taken.trouble)
    _tell(open_, made, card, accepted(card, taken, deps().clock.now()) if taken.uuid else None)
    return to_advice(patient_id, made.occasion)


@bp.post("/<patient_id>/cards/<exchange>/<int:number>/dismiss")
def dismiss(patient_id: str, exchange: str, number: int) -> Response:
    """Override a card, with a reason or none, and tell the service."""
    open_, made, card = _card(patient_id, exchange, number)
    code = request.form.get("reason", "")
    reason = next((one for one in card.reasons if one.code == code), None)
    if code and reason is None:
        raise Failure(Kind.INVALID, "Reason: choose one of the list.", at="reason")
    comment = request.form.get("comment", "").strip()
    if len(comment) > MAX_COMMENT:
        raise Failure(Kind.INVALID, f"Comment: at most {MAX_COMMENT} characters.", at="comment")
    _tell(open_, made, card, overridden(card, reason, comment, deps().clock.now()))
    return to_advice(patient_id, made.occasion)


@bp.post("/<patient_id>/wishes/<exchange>")
def grant(patient_id: str, exchange: str) -> Response:
    """Show a service's systemActions; with `confirm`, carry them out. Never without."""
    open_, made = _exchange(patient_id, exchange)
    actions = system_actions(read(made))
    if not actions:
        raise Failure(Kind.NOT_FOUND, "the service asked for nothing")
    if _taken(open_, made, f"{made.id}/{SYSTEM}"):
        raise Failure(Kind.CONFLICT, "this was done already")
    trouble = next((one.trouble for one in actions if one.trouble), "")
    if request.form.get("confirm") != "yes":
        here_ = url_for("responding.grant", patient_id=patient_id, exchange=exchange)
        return _confirm(open_, made, Asked("What the service asks for", actions, trouble, here_))
    _apply(open_, made, f"{made.id}/{SYSTEM}", actions, trouble)
    return to_advice(patient_id, made.occasion)


def _exchange(patient_id: str, exchange: str) -> tuple[Opened, Exchange]:
    open_ = opened(patient_id)
    made = exchanges(open_.session.hash).one(exchange)
    if made is None or made.kind != HOOK or made.patient != patient_id:
        raise Failure(Kind.NOT_FOUND, "this answer is not kept: fire the hook again")
    return open_, made


def _card(patient_id: str, exchange: str, number: int) -> tuple[Opened, Exchange, Card]:
    open_, made = _exchange(patient_id, exchange)
    found = cards(read(made), registered().all(), page="")
    card = next((one for one in found if one.number == number), None)
    if card is None:
        raise Failure(Kind.NOT_FOUND, "the answer has no such card")
    return open_, made, card


def _taken(open_: Opened, made: Exchange, about: str) -> set[str]:
    """What was carried out of this answer before, as far as it begins so."""
    kept = exchanges(open_.session.hash).of(made.occasion)
    return {one.about for one in kept if one.kind == TAKEN and one.about.startswith(about)}


def _confirm(open_: Opened, made: Exchange, asked: Asked) -> Response:
    page = render_template(
        "chart/confirm.html",
        banner=open_.who,
        stay=open_.stay,
        service=made.title,
        occasion=made.occasion,
        asked=asked,
    )
    return make_response(page)


def _apply(
    open_: Opened, made: Exchange, about: str, actions: tuple[Action, ...], trouble: str
) -> None:
    """Carry out all or nothing, and note it: it is not done twice, and the panel shows it."""
    if trouble:
        raise Failure(Kind.UNPROCESSABLE, f"this cannot be carried out: {trouble}")
    entries, needs = [one.entry for one in actions], deps()
    if entries:
        change(entries, patient=open_.who.id, base=here().fhir, deps=needs)
    log.info("actions_applied", patient_id=open_.who.id, count=len(entries))
    now = needs.clock.now()
    done = Exchange(
        id=needs.new_id(),
        occasion=made.occasion,
        at=micros(now),
        kind=TAKEN,
        patient=open_.who.id,
        method="POST",
        url=here().fhir,
        title=made.title,
        hook=made.hook,
        request=encode({"entry": entries}).decode(),
        status=200,
        about=about,
    )
    exchanges(open_.session.hash).keep([done], now)


def _tell(open_: Opened, made: Exchange, card: Card, item: Mapping[str, Any] | None) -> None:
    """Feedback, when the card can be named. Whatever the service says, the clinician goes on."""
    needs, server = deps(), cds_servers(deps()).one(made.server)
    if item is None or not card.uuid or server is None or needs.hooks is None:
        return
    caller = Caller(needs, made.patient, made.occasion, here().fhir, here().origin)
    draft = {
        "kind": FEEDBACK,
        "service": made.service,
        "title": made.title,
        "hook": made.hook,
        "about": f"{made.id}/{card.number}",
    }
    url = f"{endpoint(server.url, made.service)}/feedback"
    call = caller.call(server, draft, "POST", url, {"feedback": [item]})
    sent = call.send(needs.hooks, needs.cds_deadline_s)
    exchanges(open_.session.hash).keep([sent], needs.clock.now())
