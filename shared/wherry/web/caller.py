"""Who may call: a bearer secret when one is set, otherwise only programs on this machine."""

import hmac
from collections.abc import Sequence

from flask import Flask, request
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry.web.peers import Networks, is_near

OPEN_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})


def install(
    app: Flask,
    *,
    token: SecretStr | None,
    open_paths: frozenset[str] = frozenset(),
    own_gates: Sequence[str] = (),
    trusted: Networks = (),
) -> None:
    """Refuse strangers before any view runs.

    With `token` set, every call needs `Authorization: Bearer <token>`; without one, the peer
    address must be a loopback address or in a `trusted` network. Health pages and `open_paths` stay
    open; the paths `own_gates` and what is below them are guarded by the service itself.
    """

    gates = tuple(f"{path}/" for path in own_gates if path)

    @app.before_request
    def guard() -> None:
        if request.path in OPEN_PATHS or request.path in open_paths:
            return
        if f"{request.path}/".startswith(gates):
            return
        if request.method == "OPTIONS":  # a browser's preflight carries no secret and reads nothing
            return
        check(token, trusted)


def check(token: SecretStr | None, trusted: Networks = ()) -> None:
    """Pass who has the token or, when there is none, who is on this machine or `trusted`.

    Raises: Failure(UNAUTHENTICATED, FORBIDDEN).
    """
    if token is None:
        if not is_near(request.remote_addr, trusted):
            raise Failure(Kind.FORBIDDEN, "only programs on this machine may call: no token is set")
        return
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    good = hmac.compare_digest(given.encode(), token.get_secret_value().encode())
    if scheme.lower() != "bearer" or not good:
        raise Failure(Kind.UNAUTHENTICATED, "a valid bearer token is needed")
