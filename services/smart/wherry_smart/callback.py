"""GET /callback: the browser comes back with a code; it leaves with a session of its own."""

from datetime import timedelta

import structlog
from flask import Blueprint, Response, make_response, redirect, request
from flask.typing import ResponseReturnValue

from wherry.errors import Failure, Kind
from wherry_smart import cookies, told
from wherry_smart.deps import deps
from wherry_smart.protocol.grant import Grant, grant
from wherry_smart.protocol.id_token import Expected, Person, person
from wherry_smart.protocol.launches import Pending, Session, digest, holds, pack, unpack

log = structlog.get_logger()

LAUNCH_ID_BYTES = 16

bp = Blueprint("callback", __name__)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page that says why the app did not open; this launch is over."""
    response = told.page(failure, step="callback")
    if state := request.args.get("state", ""):
        cookies.end_launch(response, deps().client, state=state)
    return response


@bp.get("/callback")
def callback() -> ResponseReturnValue:
    """State first, then the code, then who it is; only then is there a session.

    Source: SMART App Launch 2.2, obtain access token; RFC 9700 4.7; OpenID Connect Core 3.1.3.
    """
    state = _one("state")
    pending = _pending(state)
    code = _code(pending)
    granted = grant(deps().authorization.exchange(pending, code))
    who = _person(pending, granted)
    launch_id, secret = deps().secret(LAUNCH_ID_BYTES), deps().secret(cookies.SECRET_BYTES)
    session = _session(pending, granted, who, secret)
    life_s = int((session.expires_at - session.started_at).total_seconds())
    deps().vault.put("session", launch_id, pack(session), life_s=life_s)
    response = make_response(redirect(f"/app/{launch_id}/", 303))
    cookies.end_launch(response, deps().client, state=state)
    cookies.set_session(response, deps().client, launch_id=launch_id, secret=secret, life_s=life_s)
    log.info("session_started", issuer=session.base, patient=session.patient)
    deps().metrics.launched("callback", "ok")
    return response


def _one(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not values[0]:
        raise Failure(Kind.INVALID, "the EHR's answer is not complete", at=name)
    return values[0]


def _pending(state: str) -> Pending:
    """The launch that this state belongs to; it cannot be asked for twice."""
    kept = deps().vault.take("launch", state)
    pending = unpack(Pending, kept) if kept else None
    if pending is None or pending.expires_at <= deps().clock.now():
        raise Failure(
            Kind.INVALID, "this launch was used before or took more than 10 minutes", at="state"
        )
    if not holds(cookies.launch_secret(state), pending.browser):
        raise Failure(
            Kind.FORBIDDEN,
            "the launch was begun in another browser, or this one kept no cookie",
            at="state",
        )
    return pending


def _code(pending: Pending) -> str:
    """The code. The callback's `iss` is the authorization server (RFC 9207), not a FHIR base."""
    issuers = request.args.getlist("iss")
    if issuers != [pending.issuer] and (issuers or pending.names_issuer):
        raise Failure(Kind.FORBIDDEN, "the answer comes from another EHR", at="iss")
    if "error" in request.args:
        refused = request.args["error"] == "access_denied"
        text = "access was not granted" if refused else "the EHR did not allow the launch"
        raise Failure(Kind.FORBIDDEN, text, at="error")
    return _one("code")


def _person(pending: Pending, granted: Grant) -> Person:
    return person(
        granted.id_token,
        deps().authorization.keys(pending),
        Expected(
            issuer=pending.issuer,
            client_id=deps().client.id,
            nonce=pending.nonce,
            access_token=granted.access_token,
        ),
        now=deps().clock.now(),
    )


def _session(pending: Pending, granted: Grant, who: Person, secret: str) -> Session:
    now = deps().clock.now()
    life = timedelta(seconds=min(max(granted.expires_in_s, 1), deps().session_s))
    return Session(
        base=pending.base,
        access_token=granted.access_token,
        scope=granted.scope,
        patient=granted.patient,
        encounter=granted.encounter,
        banner=granted.banner,
        person=who.fhir_user or who.subject,
        browser=digest(secret),
        started_at=now,
        expires_at=now + life,
    )
