"""GET /launch and /standalone: the app is opened; the browser is sent on to the EHR.

Between the two stands a hop that shows whether the browser keeps our cookie, before the EHR's
handle, which works once, is spent.
"""

from urllib.parse import parse_qsl, urlencode, urlsplit

import structlog
from authlib.integrations.requests_client import OAuth2Session
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from wherry.errors import Failure, Kind
from wherry_smart import cookies, headers, told
from wherry_smart.deps import deps
from wherry_smart.protocol.addresses import origin
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.launches import LIFE, Begun, Pending, digest, holds, pack, unpack
from wherry_smart.protocol.profiles import Profile, Way

log = structlog.get_logger()

VERIFIER_BYTES = 48
_MAX_LAUNCH = 4096
_LONG = 2000
"""Characters of an address from which on some servers on the way give up."""
_WAYS = {each.value: each for each in (Way.STANDALONE, Way.WORKLIST)}
_OPENED = "the app is opened from a patient's chart in the EHR"

bp = Blueprint("launch", __name__)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page that says why the app did not open."""
    return told.page(failure, step="launch")


@bp.get("/launch")
def launch() -> ResponseReturnValue:
    """Nothing is fetched, kept or followed before the issuer is known to be on the list.

    Source: SMART App Launch 2.2, launch app: EHR launch.
    """
    return _begin(_only("iss"), _only("launch"), Way.EHR)


@bp.get("/standalone")
def standalone() -> ResponseReturnValue:
    """The app is opened by itself: a person chooses the EHR, which then asks for the patient.

    Source: SMART App Launch 2.2, launch app: standalone launch.
    """
    way = _WAYS.get(_only("for", otherwise=Way.STANDALONE.value))
    if way is None:
        raise Failure(Kind.INVALID, "the app is opened for one patient or a worklist", at="for")
    if "iss" not in request.args:
        listed = [{"name": each.shown, "iss": each.iss} for each in deps().profiles.listed]
        return render_template("smart/choose.html", ehrs=listed)
    return _begin(_only("iss"), "", way)


@bp.get("/launch/continue")
def proceed() -> ResponseReturnValue:
    """The browser has our cookie, or is told how to open the app so that it has.

    Source: SMART App Launch 2.2, obtain authorization code.
    """
    name = _only("begun")
    kept = unpack(Begun, deps().vault.get("begun", name))
    if kept is None or kept.expires_at <= deps().clock.now():
        raise Failure(Kind.INVALID, "this launch was used before or took too long", at="begun")
    secret = cookies.launch_secret(name)
    if not secret:
        return _without_cookie(kept)
    if not holds(secret, kept.browser):
        raise Failure(Kind.FORBIDDEN, "the launch was begun in another browser", at="begun")
    if deps().vault.take("begun", name) is None:
        raise Failure(Kind.INVALID, "this launch was used before or took too long", at="begun")
    response = _ask(kept)
    cookies.end_launch(response, name=name)
    return response


def _begin(iss: str, handle: str, way: Way) -> Response:
    profile = deps().profiles.of(iss)
    name, secret = (deps().secret(cookies.SECRET_BYTES) for _ in range(2))
    begun = Begun(iss, handle, way, digest(secret), deps().clock.now() + LIFE)
    deps().vault.put("begun", name, pack(begun), life_s=int(LIFE.total_seconds()))
    response = make_response(redirect(f"/launch/continue?{urlencode({'begun': name})}", 303))
    cookies.set_launch(response, name=name, secret=secret)
    log.info("launch_begun", issuer=profile.base, way=way.value)
    return response


def _without_cookie(begun: Begun) -> Response:
    """In a frame a browser may keep no cookie at all; in a window of its own it does."""
    path = "/launch" if begun.way is Way.EHR else "/standalone"
    asked = {"iss": begun.iss, "launch": begun.handle, "for": begun.way.value}
    named = {name: text for name, text in asked.items() if text}
    deps().metrics.launched("launch", "no_cookie")
    address = f"{path}?{urlencode(named)}"
    return make_response(render_template("smart/window.html", address=address), 200)


def _ask(begun: Begun) -> Response:
    """Send the browser to the authorization endpoint, bound to a state that works once."""
    profile = deps().profiles.of(begun.iss)
    found = deps().authorization.discover(profile)
    state, secret = (deps().secret(cookies.SECRET_BYTES) for _ in range(2))
    pending = _pending(profile, found, begun.way, secret)
    deps().vault.put("launch", state, pack(pending), life_s=int(LIFE.total_seconds()))
    address = _address(profile, found, pending, begun, state)
    response = _sent(profile, address)
    cookies.set_launch(response, name=state, secret=secret)
    log.info("launch_started", issuer=profile.base)
    deps().metrics.launched("launch", "ok")
    return response


def _only(name: str, *, otherwise: str = "") -> str:
    values = request.args.getlist(name) or ([otherwise] if otherwise else [])
    if len(values) != 1 or not 0 < len(values[0]) <= _MAX_LAUNCH:
        raise Failure(Kind.INVALID, _OPENED, at=name)
    return values[0]


def _pending(profile: Profile, found: Endpoints, way: Way, secret: str) -> Pending:
    return Pending(
        base=profile.base,
        token_endpoint=found.token,
        revocation=found.revocation,
        jwks=found.jwks,
        issuer=found.issuer,
        signers=found.signers or (found.issuer,),
        names_issuer=found.names_issuer,
        redirect=profile.redirect_uri or deps().here.redirect,
        way=way,
        scope=profile.scopes(found.capabilities, way),
        verifier=deps().secret(VERIFIER_BYTES),
        nonce=deps().secret(cookies.SECRET_BYTES),
        browser=digest(secret),
        expires_at=deps().clock.now() + LIFE,
    )


def _address(profile: Profile, found: Endpoints, pending: Pending, begun: Begun, state: str) -> str:
    """The address of the authorization request; `aud` is `iss` to the byte."""
    handle = {"launch": begun.handle} if begun.handle else {}
    with OAuth2Session(
        profile.client_id,
        scope=pending.scope,
        redirect_uri=pending.redirect,
        code_challenge_method="S256",
    ) as oauth:
        address, _ = oauth.create_authorization_url(
            found.authorization,
            state=state,
            code_verifier=pending.verifier,
            nonce=pending.nonce,
            aud=begun.iss,
            **handle,
        )
    return str(address)


def _sent(profile: Profile, address: str) -> Response:
    """By an address, or by a form where the EHR prefers it or the address is long. Source: R50."""
    method = profile.authorize_method
    if method == "GET" or (method == "auto" and len(address) <= _LONG):
        return make_response(redirect(address, 303))
    parts = urlsplit(address)
    html = render_template(
        "smart/post.html",
        action=parts._replace(query="").geturl(),
        fields=parse_qsl(parts.query, keep_blank_values=True),
    )
    return headers.may_post(make_response(html), to=origin(address))
