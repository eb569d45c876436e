"""GET /callback: the browser comes back with a code; it leaves with a session of its own."""

from datetime import timedelta

import structlog
from flask import Blueprint, Response, make_response, redirect, request
from flask.typing import ResponseReturnValue

from wherry.errors import Failure, Kind
from wherry_smart import cookies, told
from wherry_smart.deeds import What
from wherry_smart.deps import deps
from wherry_smart.protocol.grant import Grant, grant
from wherry_smart.protocol.id_token import Expected, Person, key_id, person
from wherry_smart.protocol.launches import Pending, Session, Tokens, digest, holds, pack, unpack
from wherry_smart.protocol.profiles import CALLBACK, Profile, Way
from wherry_smart.sessions import note

log = structlog.get_logger()

LAUNCH_ID_BYTES = 16

bp = Blueprint("callback", __name__)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page that says why the app did not open; this launch is over."""
    response = told.page(failure, step="callback")
    if state := request.args.get("state", ""):
        cookies.end_launch(response, name=state)
    return response


@bp.get(CALLBACK)
def callback() -> ResponseReturnValue:
    """State first, then the code, then who it is; only then is there a session.

    Source: SMART App Launch 2.2, obtain access token; RFC 9700 4.7; OpenID Connect Core 3.1.3.
    """
    state = _one("state")
    pending = _pending(state)
    profile = deps().profiles.of(pending.base)
    answer = deps().authorization.exchange(profile, pending, _code(pending))
    granted = grant(answer, profile, pending.way, asked=pending.scope)
    who = _person(profile, pending, granted)
    _about_somebody(pending, granted)
    session, launch_id, secret = _begin(pending, granted, who)
    response = make_response(redirect(f"/app/{launch_id}/", 303))
    cookies.end_launch(response, name=state)
    cookies.set_session(response, launch_id=launch_id, secret=secret, life_s=_life_s(session))
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
    pending = unpack(Pending, deps().vault.take("launch", state))
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


def _person(profile: Profile, pending: Pending, granted: Grant) -> Person:
    return person(
        granted.id_token,
        deps().authorization.keys(pending, key_id(granted.id_token)),
        Expected(
            issuers=pending.signers,
            client_id=profile.client_id,
            nonce=pending.nonce,
            access_token=granted.access_token,
            base=profile.base,
        ),
        now=deps().clock.now(),
    )


def _about_somebody(pending: Pending, granted: Grant) -> None:
    """A session without a patient is one of a worklist, and that needs to see patients."""
    if pending.way is Way.STANDALONE and not granted.patient:
        raise Failure(Kind.FORBIDDEN, "the EHR did not say which patient is open", at="patient")


def _begin(pending: Pending, granted: Grant, who: Person) -> tuple[Session, str, str]:
    """Tokens and session are kept apart: several sessions may come of one launch."""
    now, limits = deps().clock.now(), deps().limits
    token_life = timedelta(seconds=max(granted.expires_in_s, 1))
    lasting = timedelta(seconds=limits.session_s)
    ends_at = now + (lasting if granted.refresh_token else min(token_life, lasting))
    name = deps().secret(cookies.SECRET_BYTES)
    tokens = Tokens(
        base=pending.base,
        token_endpoint=pending.token_endpoint,
        revocation=pending.revocation,
        access_token=granted.access_token,
        refresh_token=granted.refresh_token,
        scope=granted.scope,
        issued_at=now,
        expires_at=now + token_life,
        ends_at=ends_at,
    )
    secret = deps().secret(cookies.SECRET_BYTES)
    session = Session(
        base=pending.base,
        tokens=name,
        scope=granted.scope,
        patient="" if pending.way is Way.WORKLIST else granted.patient,
        encounter=granted.encounter,
        banner=granted.banner,
        person=who.fhir_user or who.subject,
        browser=digest(secret),
        started_at=now,
        expires_at=ends_at,
        way=pending.way,
        intent=granted.intent,
        tenant=granted.tenant,
        style=granted.style,
        context=granted.context,
        more=granted.more,
    )
    deps().vault.put("tokens", name, pack(tokens), life_s=_life_s(session))
    return session, keep(session), secret


def keep(session: Session) -> str:
    """Keep a session under a new id, which is returned."""
    launch_id = deps().secret(LAUNCH_ID_BYTES)
    life_s = min(_life_s(session), deps().limits.idle_s)
    deps().vault.put("session", launch_id, pack(session), life_s=life_s)
    note(session, What.OPENED, key=f"opened {digest(launch_id)}")
    return launch_id


def _life_s(session: Session) -> int:
    return max(1, int((session.expires_at - deps().clock.now()).total_seconds()))
