"""GET /launch: an EHR opens the app; the browser is sent on to the EHR's authorization server."""

import structlog
from authlib.integrations.requests_client import OAuth2Session
from flask import Blueprint, Response, make_response, redirect, request
from flask.typing import ResponseReturnValue

from wherry.errors import Failure, Kind
from wherry_smart import cookies, told
from wherry_smart.deps import deps
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.launches import LIFE, Pending, digest, pack

log = structlog.get_logger()

VERIFIER_BYTES = 48
_MAX_LAUNCH = 4096

bp = Blueprint("launch", __name__)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page that says why the app did not open."""
    return told.page(failure, step="launch")


@bp.get("/launch")
def launch() -> ResponseReturnValue:
    """Nothing is fetched, kept or followed before the issuer is known to be on the list.

    Source: SMART App Launch 2.2, launch app: EHR launch; obtain authorization code.
    """
    iss, handle = _only("iss"), _only("launch")
    base = deps().allow.base(iss)
    found = deps().authorization.discover(base)
    state, secret = (deps().secret(cookies.SECRET_BYTES) for _ in range(2))
    pending = _pending(base, found, secret)
    life_s = int(LIFE.total_seconds())
    deps().vault.put("launch", state, pack(pending), life_s=life_s)
    address = _authorize(found, pending, iss=iss, handle=handle, state=state)
    response = make_response(redirect(address, 303))
    cookies.set_launch(response, deps().client, state=state, secret=secret)
    log.info("launch_started", issuer=base)
    deps().metrics.launched("launch", "ok")
    return response


def _only(name: str) -> str:
    values = request.args.getlist(name)
    if len(values) != 1 or not 0 < len(values[0]) <= _MAX_LAUNCH:
        raise Failure(Kind.INVALID, "the app is opened from a patient's chart in the EHR", at=name)
    return values[0]


def _pending(base: str, found: Endpoints, secret: str) -> Pending:
    return Pending(
        base=base,
        token_endpoint=found.token,
        jwks=found.jwks,
        issuer=found.issuer,
        names_issuer=found.names_issuer,
        verifier=deps().secret(VERIFIER_BYTES),
        nonce=deps().secret(cookies.SECRET_BYTES),
        browser=digest(secret),
        expires_at=deps().clock.now() + LIFE,
    )


def _authorize(found: Endpoints, pending: Pending, *, iss: str, handle: str, state: str) -> str:
    """The address of the authorization request; `aud` is `iss` to the byte."""
    client = deps().client
    with OAuth2Session(
        client.id,
        scope=client.scopes,
        redirect_uri=client.redirect,
        code_challenge_method="S256",
    ) as oauth:
        address, _ = oauth.create_authorization_url(
            found.authorization,
            state=state,
            code_verifier=pending.verifier,
            nonce=pending.nonce,
            aud=iss,
            launch=handle,
        )
    return str(address)
