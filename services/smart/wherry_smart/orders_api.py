"""POST /app/<launch_id>/api/orders: a draft in the EHR, in two steps: look at it, then confirm."""

import hashlib
import hmac
from typing import Any

import structlog
from flask import Blueprint, Response

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_smart import cookies, guard
from wherry_smart.deeds import Doing, What
from wherry_smart.deps import deps
from wherry_smart.panel import json, told
from wherry_smart.protocol.launches import Session
from wherry_smart.protocol.scopes import may
from wherry_smart.sessions import ended, of_patient, subject
from wherry_smart.summary.orders import PROPOSALS, draft, proposal
from wherry_smart.tokens import tokens

log = structlog.get_logger()

_NOTE = 2000
_TURN_S = 120

bp = Blueprint("orders", __name__, url_prefix="/app/<launch_id>/api")


@bp.get("/orders")
def choices(launch_id: str) -> Response:
    """What may be proposed here; empty when the EHR does not let the app write."""
    guard.own_page(launch_id)
    found = of_patient(launch_id)
    allowed = may(found.scope, "ServiceRequest", "c")
    listed = [{"order": name, "text": each.text} for name, each in PROPOSALS.items()]
    return json({"orders": listed if allowed else []})


@bp.post("/orders/preview")
def preview(launch_id: str) -> Response:
    """What would be written, and the word that confirms exactly this."""
    given = guard.body(launch_id)
    guard.only(given, "key", "order", "note")
    found = _allowed(launch_id)
    made = _draft(found, given)
    return json({"request": made, "confirm": _word(given)})


@bp.post("/orders")
def order(launch_id: str) -> Response:
    """Write the draft that was confirmed; the same key again writes nothing again.

    An answer that did not come leaves open whether it was written: the page has to say so.
    """
    given = guard.body(launch_id)
    guard.only(given, "key", "order", "note", "confirm")
    found = _allowed(launch_id)
    made, key = _draft(found, given), guard.key(given)
    said = given.get("confirm")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), _word(given).encode()):
        raise Failure(Kind.UNPROCESSABLE, "look at the draft and confirm it first", at="confirm")
    before = [each for each in deps().deeds.of(found.base, found.patient) if each.reason == key]
    if before:
        return json({"deed": told(before[0])}, 201)
    turn = deps().turns.claim("ordering", f"{found.tokens} {key}", life_s=_TURN_S)
    if not turn:
        raise Failure(Kind.CONFLICT, "this was sent a moment ago: look at the chart", at="key")
    try:
        id_ = _create(found, made)
    except Failure as failure:
        if failure.kind is not Kind.UNCERTAIN:  # it was not written, so it may be tried again
            deps().turns.release("ordering", f"{found.tokens} {key}", turn)
        raise
    doing = Doing(What.ORDERED, f"order {key}", about=f"ServiceRequest/{id_}", reason=key)
    kept = deps().deeds.keep(subject(found), doing, at=deps().clock.now())
    log.info("draft_written", patient=found.patient, person=found.person)
    return json({"deed": told(kept)}, 201)


def _allowed(launch_id: str) -> Session:
    found = of_patient(launch_id)
    if not may(found.scope, "ServiceRequest", "c"):
        raise Failure(Kind.FORBIDDEN, "the EHR did not grant the permission to write", at="scope")
    return found


def _draft(found: Session, given: dict[str, Any]) -> Resource:
    return draft(
        proposal(guard.text(given, "order", longest=64, needed=True)),
        patient=found.patient,
        encounter=found.encounter,
        person=found.person,
        key=guard.key(given),
        note=guard.text(given, "note", longest=_NOTE),
        now=deps().clock.now(),
    )


def _word(given: dict[str, Any]) -> str:
    """Nobody but this browser's page can have it, and only for this draft."""
    said = encode([given.get(name, "") for name in ("key", "order", "note")])
    secret = cookies.session_secret().encode()
    return hmac.new(secret, b"confirm " + said, hashlib.sha256).hexdigest()


def _create(found: Session, made: Resource) -> str:
    given = tokens(found)
    try:
        with deps().fhir(given.base, given.access_token) as fhir:
            return fhir.create(made)
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise ended() from None
        if failure.kind is Kind.UNCERTAIN:
            text = "the EHR did not answer: the draft may be there, look at the chart"
            raise Failure(Kind.UNCERTAIN, text, at="order") from None
        raise Failure(failure.kind, "the EHR did not take the draft", at="order") from None
