"""GET /v1/connections/callback: a person comes back from a vendor, and reads what became of it."""

from datetime import timedelta
from http import HTTPStatus

import structlog
from flask import Blueprint, Response, request
from markupsafe import escape

from wherry.errors import Failure, Kind
from wherry_devices.accounts.clouds import answered
from wherry_devices.accounts.connecting import asker, digest, tell_vendor
from wherry_devices.accounts.connections import Asked, Connection, Consented, Tokens
from wherry_devices.accounts.registration import CALLBACK, Registration, redirect_uri
from wherry_devices.deps import Deps, deps
from wherry_devices.jobs import release
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.reading import ACCOUNT, DeviceKey
from wherry_devices.vendors import oauth
from wherry_devices.vendors.protocol import Grant, Trouble, malformed, trouble

_MOST_CHARS = 4096
_AGAIN = "Please ask your care team for a new link."
_TOO_LATE = f"This link was used before, or it is too old. Nothing was connected. {_AGAIN}"
_SAID_NO = "You did not agree, so nothing was connected. You may close this page."
_OTHERS = (
    "This account is already connected for another person. Nothing was changed."
    " Please tell your care team."
)
_NOT_TAKEN = f"The answer was not accepted any more. Nothing was connected. {_AGAIN}"
_NOT_THERE = f"This cannot be done just now. Nothing was connected. {_AGAIN}"
_HEAD = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

log = structlog.get_logger()

bp = Blueprint("consenting", __name__)


@bp.get(CALLBACK)
def come_back() -> Response:
    """Exchange the code, keep the tokens, bind the account; or say plainly why not.

    Source: RFC 6749, 4.1.2 and 10.12; RFC 9700, 2.1. The state stands for the request that began
    it, works once, and is known here by its digest alone.
    """
    needs = deps()
    state, code = (request.args.get(name, "") for name in ("state", "code"))
    try:
        asked = needs.clouds.consents.take(digest(state)) if 0 < len(state) <= _MOST_CHARS else None
        if asked is None:
            return page(HTTPStatus.NOT_FOUND, "Not connected", _TOO_LATE)
        if "error" in request.args or not 0 < len(code) <= _MOST_CHARS:
            log.info("consent_refused", source=asked.source)
            return page(HTTPStatus.OK, "Not connected", _SAID_NO)
        connection = _connected(asked, code, needs)
    except Failure as failure:
        log.warning("consent_failed", kind=failure.kind.name, at=failure.at, detail=failure.detail)
        return _told(failure)
    release(needs)
    log.info("connected", connection=connection.id, source=connection.source)
    title = needs.clouds.of(asked.source).vendor.title
    return page(
        HTTPStatus.OK,
        "Connected",
        f"Your measurements from {title} will now reach your care team."
        " You may end this at any time: tell them. You may close this page.",
    )


def _connected(asked: Asked, code: str, needs: Deps) -> Connection:
    """Raises: Failure; CONFLICT when the account is another patient's, and then it is let go."""
    at = needs.clouds.of(asked.source)
    asking = oauth.exchange(
        at.vendor,
        at.client,
        code=code,
        redirect_uri=redirect_uri(needs.clouds.public_url),
        verifier=asked.verifier,
    )
    grant = answered(asking, asker(at, needs))
    tokens = _tokens(grant, at, needs)
    consented = _consented(asked, tokens, grant, at, needs)
    try:
        connection = needs.clouds.connections.connect(consented)
    except Failure as failure:
        key = consented.binding.key
        # a vendor may end all consents of the account: then the one that holds would end as well
        if failure.kind is Kind.CONFLICT and not needs.clouds.connections.standing([key]):
            tell_vendor(asked.source, tokens, needs)
        raise
    _subscribe(at, tokens, needs)
    return connection


def _subscribe(at: Registration, tokens: Tokens, needs: Deps) -> None:
    """Ask for notices; without them the account is fetched by the clock alone."""
    if not at.notify_url or at.vendor.subscribe is None:
        return
    try:
        answered(at.vendor.subscribe(at.notify_url), asker(at, needs, tokens.access_token))
    except Failure as failure:
        log.warning("not_subscribed", source=at.vendor.source, kind=failure.kind.name)


def _tokens(grant: Grant, at: Registration, needs: Deps) -> Tokens:
    account = grant.account
    if not account and at.vendor.whose is not None:
        account = answered(at.vendor.whose(), asker(at, needs, grant.access_token))
    if not account:
        raise malformed("the vendor does not say whose account it is")
    expires_at = needs.clock.now() + timedelta(seconds=grant.expires_in_s)
    return Tokens(account, grant.access_token, grant.refresh_token, expires_at)


def _consented(
    asked: Asked, tokens: Tokens, grant: Grant, at: Registration, needs: Deps
) -> Consented:
    since = needs.clock.now() - at.backfill
    key = DeviceKey(asked.source, ACCOUNT, tokens.account).opaque
    return Consented(
        source=asked.source,
        patient=asked.patient,
        verified_by=asked.verified_by,
        tokens=tokens,
        scopes=grant.scopes or " ".join(at.vendor.scopes),
        cursor=at.vendor.start(since),
        binding=Binding(key, asked.source, asked.patient, since, None, asked.verified_by),
    )


def _told(failure: Failure) -> Response:
    if failure.kind is Kind.CONFLICT:
        return page(HTTPStatus.CONFLICT, "Not connected", _OTHERS)
    if trouble(failure) is Trouble.REFUSED:
        return page(HTTPStatus.BAD_REQUEST, "Not connected", _NOT_TAKEN)
    return page(HTTPStatus.SERVICE_UNAVAILABLE, "Not connected", _NOT_THERE)


def page(status: HTTPStatus, title: str, text: str) -> Response:
    """A plain page in a person's words; nothing of the request is repeated."""
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title>"
        "<style>body{font:1.1rem/1.5 system-ui;max-width:34rem;margin:3rem auto;padding:0 1rem}"
        "</style>"
        f"<main><h1>{escape(title)}</h1><p>{escape(text)}</p></main></html>"
    )
    return Response(html, status=status, mimetype="text/html", headers=_HEAD)
