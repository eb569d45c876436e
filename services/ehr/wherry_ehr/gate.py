"""Who may use /fhir: holders of the token; or, when it is opened, programs on this machine."""

import hmac
from ipaddress import ip_address

from flask import Flask, request
from pydantic import SecretStr

from wherry.errors import Failure, Kind

PREFIX = "/fhir"
METADATA = f"{PREFIX}/metadata"


def install(app: Flask, *, token: SecretStr | None, open_fhir: bool) -> None:
    """Refuse strangers before any FHIR view runs: closed without token and `open_fhir`."""

    @app.before_request
    def check() -> None:
        path = request.path
        if path == METADATA or not f"{path}/".startswith(f"{PREFIX}/"):
            return
        if open_fhir and _is_near(request.remote_addr or ""):
            return
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = token.get_secret_value().encode() if token else b""
        if (
            not known
            or scheme.lower() != "bearer"
            or not hmac.compare_digest(given.encode(), known)
        ):
            raise Failure(Kind.UNAUTHENTICATED, "a valid bearer token is needed")


def _is_near(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
