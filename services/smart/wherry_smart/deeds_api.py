"""POST /app/<launch_id>/api/…: what a person does; each needs a click, and is kept with its who."""

from datetime import timedelta
from typing import Any

import structlog
from flask import Blueprint, Response

from wherry.errors import Failure, Kind
from wherry_smart import cookies, guard
from wherry_smart.deeds import Doing, What
from wherry_smart.deps import deps
from wherry_smart.panel import json, told
from wherry_smart.protocol.launches import Session, unpack
from wherry_smart.protocol.launches import Tokens as KeptTokens
from wherry_smart.sessions import about_of, note, of_patient, session, subject

log = structlog.get_logger()

_REASON, _NOTE, _ABOUT = 255, 2000, 64
_SNOOZE_MINUTES = (5, 24 * 60)

bp = Blueprint("deeds", __name__, url_prefix="/app/<launch_id>/api")


@bp.post("/alerts/<alert>/acknowledge")
def acknowledge(launch_id: str, alert: str) -> Response:
    """Somebody has seen the alert, and says what follows from it."""
    given = guard.body(launch_id)
    guard.only(given, "key", "reason", "note")
    found = of_patient(launch_id)
    doing = Doing(
        What.ACKNOWLEDGED,
        guard.key(given),
        about=_alert(alert),
        reason=guard.text(given, "reason", longest=_REASON),
        note=guard.text(given, "note", longest=_NOTE),
    )
    return _done(found, doing)


@bp.post("/alerts/<alert>/snooze")
def snooze(launch_id: str, alert: str) -> Response:
    """Not now: the alert, and cards about this patient, rest until a time that is not far."""
    given = guard.body(launch_id)
    guard.only(given, "key", "reason", "note", "minutes")
    found = of_patient(launch_id)
    least, most = _SNOOZE_MINUTES
    minutes = given.get("minutes")
    if not isinstance(minutes, int) or isinstance(minutes, bool) or not least <= minutes <= most:
        raise Failure(Kind.INVALID, f"minutes are {least} to {most}", at="minutes")
    until = deps().clock.now() + timedelta(minutes=minutes)
    reason = guard.text(given, "reason", longest=_REASON, needed=True)
    doing = Doing(
        What.SNOOZED,
        guard.key(given),
        about=_alert(alert),
        reason=reason,
        note=guard.text(given, "note", longest=_NOTE),
        until=until,
    )
    kept = deps().deeds.keep(subject(found), doing, at=deps().clock.now())
    held_back = True
    try:
        deps().cards.snooze(about_of(found), until=until, reason=reason)
    except Failure as failure:
        log.warning("cards_not_snoozed", kind=failure.kind.name)
        held_back = False
    return json({"deed": told(kept), "cards_held_back": held_back}, 201)


@bp.post("/notes")
def add_note(launch_id: str) -> Response:
    """A note about the patient, for whoever opens the app next; it stays here, not in the EHR."""
    given = guard.body(launch_id)
    guard.only(given, "key", "note")
    found = of_patient(launch_id)
    text = guard.text(given, "note", longest=_NOTE, needed=True)
    return _done(found, Doing(What.NOTED, guard.key(given), note=text))


@bp.post("/sign-out")
def sign_out(launch_id: str) -> Response:
    """The session is over here, and its tokens at the EHR, if that can be told.

    Sessions that were opened from the same worklist end too: they share the tokens.
    Source: RFC 7009.
    """
    guard.own_page(launch_id)
    found = session(launch_id)
    kept = unpack(KeptTokens, deps().vault.take("tokens", found.tokens))
    deps().vault.drop("session", launch_id)
    revoked = False
    try:
        revoked = bool(kept) and _revoke(found, kept)
    except Failure as failure:
        log.warning("tokens_not_revoked", kind=failure.kind.name)
    note(found, What.SIGNED_OUT, key=f"left {deps().secret(16)}")
    response = json({"revoked": revoked})
    cookies.set_session(response, launch_id=launch_id, secret="", life_s=0)
    return response


def _revoke(found: Session, kept: KeptTokens | None) -> bool:
    return kept is not None and deps().authorization.revoke(deps().profiles.of(found.base), kept)


def _alert(said: str) -> str:
    if not 0 < len(said) <= _ABOUT or not said.isprintable():
        raise Failure(Kind.INVALID, "an alert has the id of its RiskAssessment", at="alert")
    return said


def _done(found: Session, doing: Doing) -> Response:
    kept: Any = deps().deeds.keep(subject(found), doing, at=deps().clock.now())
    log.info("deed_kept", what=doing.what.value, patient=found.patient, person=found.person)
    return json({"deed": told(kept)}, 201)
