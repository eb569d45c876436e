"""Who may call: a bearer secret when one is set, otherwise only programs on this machine."""

import hmac
from ipaddress import ip_address

from flask import Flask, request
from pydantic import SecretStr

from wherry.errors import Failure, Kind

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


def install(
    app: Flask,
    *,
    token: SecretStr | None,
    open_paths: frozenset[str] = frozenset(),
    own_gate: str = "",
) -> None:
    """Refuse strangers before any view runs.

    With `token` set, every call needs `Authorization: Bearer <token>`; without one, the peer
    address must be a loopback address. Health pages and `open_paths` stay open; the path `own_gate`
    and what is below it are guarded by the service itself.
    """

    @app.before_request
    def guard() -> None:
        if request.path in OPEN_PATHS or request.path in open_paths:
            return
        if own_gate and f"{request.path}/".startswith(f"{own_gate}/"):
            return
        if request.method == "OPTIONS":  # a browser's preflight carries no secret and reads nothing
            return
        check(token)


def check(token: SecretStr | None) -> None:
    """Pass who has the token or, when there is none, who is on this machine.

    Raises: Failure(UNAUTHENTICATED, FORBIDDEN).
    """
    if token is None:
        _from_this_machine()
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    good = hmac.compare_digest(given.encode(), token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not good:
        raise Failure(Kind.UNAUTHENTICATED, "a valid bearer token is needed")


def _from_this_machine() -> None:
    try:
        near = ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        near = False
    if not near:
        raise Failure(Kind.FORBIDDEN, "only programs on this machine may call: no token is set")
