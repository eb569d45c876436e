"""Consent and tokens as RFC 6749 has them; each vendor names paths, fields and lives.

Source: RFC 6749, 4.1 and 6; RFC 7636; RFC 7009.
"""

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from wherry.errors import Failure, Kind
from wherry_devices.sandbox.deps import deps
from wherry_devices.sandbox.faults import REFUSE_REFRESH, TOKENS
from wherry_devices.sandbox.gate import said
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET, Tokens

_NEAR = frozenset({"127.0.0.1", "localhost", "::1"})


def authorize(vendor: str) -> Answer:
    """The page on which a made-up person consents; with `person`, or only one, at once.

    Raises: Failure(INVALID) for another client, or an address that is not on this machine.
    """
    asked = request.args
    redirect_uri = asked.get("redirect_uri", "")
    if asked.get("client_id") != CLIENT_ID or asked.get("response_type") != "code":
        raise Failure(Kind.INVALID, "an unknown client, or no code asked for", at="client_id")
    if urlsplit(redirect_uri).hostname not in _NEAR:
        raise Failure(Kind.INVALID, "only addresses on this machine are sent to", at="redirect_uri")
    people = [account for at, account in deps().state.people if at == vendor]
    account = asked.get("person") or (people[0] if len(people) == 1 else "")
    if not account:
        return _choice(vendor, people)
    deps().state.person(vendor, account)
    code = deps().grants.consented((vendor, account), redirect_uri, asked.get("code_challenge", ""))
    joint = "&" if urlsplit(redirect_uri).query else "?"
    query = urlencode({"code": code, "state": asked.get("state", "")})
    return redirect(f"{redirect_uri}{joint}{query}", 302)


def _choice(vendor: str, people: list[str]) -> Response:
    links = "".join(
        f'<li><a href="?{escape(urlencode([*request.args.items(), ("person", one)]))}">'
        f"{escape(one)}</a></li>"
        for one in people
    )
    page = (
        f'<!doctype html><html lang="en"><title>{escape(vendor)} sandbox</title>'
        f"<h1>Who are you?</h1><p>Made-up people of the {escape(vendor)} sandbox.</p>"
        f"<ul>{links}</ul></html>"
    )
    headers = {"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store"}
    return Response(page, content_type="text/html; charset=utf-8", headers=headers)


def granted(
    vendor: str, form: Mapping[str, str], lives_s: int, *, keep_refresh: bool = False
) -> Tokens:
    """Tokens for what the form says. Raises: Failure(FORBIDDEN, UNAUTHENTICATED, INVALID)."""
    named = form.get("client_id"), form.get("client_secret")
    if basic := request.authorization:
        named = basic.username, basic.password
    if named != (CLIENT_ID, CLIENT_SECRET):
        raise Failure(Kind.FORBIDDEN, "an unknown client")
    grants, kind = deps().grants, form.get("grant_type")
    with deps().state.lock:
        if kind == "authorization_code":
            code, back = form.get("code", ""), form.get("redirect_uri", "")
            verifier = form.get("code_verifier", "")
            return grants.exchanged(vendor, code, back, verifier, lives_s)
        if kind == "refresh_token":
            if deps().faults.take(vendor, TOKENS, frozenset({REFUSE_REFRESH})):
                raise Failure(Kind.UNAUTHENTICATED, "refused on purpose")
            return grants.rotated(vendor, form.get("refresh_token", ""), lives_s, keep=keep_refresh)
    raise Failure(Kind.INVALID, "an unknown grant_type", at="grant_type")


ERRORS: Mapping[Kind, tuple[int, str]] = {
    Kind.FORBIDDEN: (401, "invalid_client"),
    Kind.UNAUTHENTICATED: (400, "invalid_grant"),
    Kind.INVALID: (400, "unsupported_grant_type"),
}
"""Source: RFC 6749, 5.2."""


def _nothing(_account: str) -> Mapping[str, str]:
    return {}


def token(
    vendor: str,
    lives_s: int,
    *,
    keep_refresh: bool = False,
    more: Callable[[str], Mapping[str, str]] = _nothing,
) -> Response:
    """The token endpoint by the standard; `more` are members that a vendor adds for an account."""
    if trouble := deps().faults.strike(vendor, TOKENS):
        return trouble
    try:
        made = granted(vendor, request.form, lives_s, keep_refresh=keep_refresh)
    except Failure as failure:
        status, error = ERRORS[failure.kind]
        return said({"error": error}, status)
    body: dict[str, object] = {
        "access_token": made.access,
        "token_type": "Bearer",
        "expires_in": made.lives_s,
        **more(made.who[1]),
    }
    if not keep_refresh or request.form.get("grant_type") == "authorization_code":
        body["refresh_token"] = made.refresh
    return said(body)


def revoke(vendor: str) -> Response:
    """The consent of whoever's token it is ends. Source: RFC 7009, 2.2: unknown ones are fine."""
    if trouble := deps().faults.strike(vendor, TOKENS):
        return trouble
    with deps().state.lock:
        grants, text = deps().grants, request.form.get("token", "")
        who = grants.refresh.get(text) or grants.access.get(text, (None,))[0]
        if who is not None and who[0] == vendor:
            grants.revoke(who)
    return said({})
