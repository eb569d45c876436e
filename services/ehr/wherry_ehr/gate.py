"""Who may use /fhir: the suite's own token, an app's token; or, when opened, this machine."""

import hmac

from flask import Flask, Response, g, request
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry.web.peers import Networks, is_near
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import PREFIX, here

METADATA = f"{PREFIX}/metadata"
WELL_KNOWN = f"{PREFIX}/.well-known/"


def install(
    app: Flask, *, token: SecretStr | None, open_fhir: bool, trusted: Networks = ()
) -> None:
    """Refuse strangers before any FHIR view runs: closed without token and `open_fhir`.

    A token that is given is judged, however open the door is. Source: SMART 2.2, R94, R96.
    """

    @app.before_request
    def check() -> None:
        path = request.path
        if not _is_ours(path) or path == METADATA or path.startswith(WELL_KNOWN):
            return
        if "Authorization" not in request.headers:
            if open_fhir and is_near(request.remote_addr, trusted):
                return
            raise Failure(Kind.UNAUTHENTICATED, "a valid bearer token is needed")
        scheme, _, given = request.headers["Authorization"].partition(" ")
        given = given.strip() if scheme.lower() == "bearer" else ""
        known = token.get_secret_value().encode() if token else b""
        if given and known and hmac.compare_digest(given.encode(), known):
            return
        g.rights = vault().grant(given, deps().clock.now()) if given else None
        if g.rights is None or g.rights.aud != here().fhir:
            g.rights = None
            raise Failure(Kind.UNAUTHENTICATED, "a valid bearer token is needed")

    @app.after_request
    def challenge(response: Response) -> Response:
        """Say why, as RFC 6750, 3.1 has it; /metadata may be read from any page (R16)."""
        if request.path == METADATA:
            response.headers["Access-Control-Allow-Origin"] = "*"
        elif _is_ours(request.path):
            if response.status_code == 401 and "Authorization" in request.headers:
                response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
            if response.status_code == 403 and g.get("rights"):
                response.headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope"'
        return response


def _is_ours(path: str) -> bool:
    return f"{path}/".startswith(f"{PREFIX}/")
