"""authlib's authorization server with the rules of SMART: three grants, one door for clients."""

import logging
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc9207 import IssuerParameter
from flask import g

from wherry_ehr.auth.backend_grant import Backend
from wherry_ehr.auth.client_auth import METHOD, authenticate
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.endings import Revocation
from wherry_ehr.auth.launch_grant import LaunchGrant, S256Only
from wherry_ehr.auth.refresh_grant import Renewal
from wherry_ehr.auth.registry import registered
from wherry_ehr.here import here


class SmartServer(AuthorizationServer):  # type: ignore[misc]  # authlib has no types
    """The registry; each grant makes and keeps its own tokens."""

    def query_client(self, client_id: str) -> Client | None:
        """The registration of this id."""
        return registered().one(client_id)

    def validate_requested_scope(self, scope: str | None) -> None:
        """Each grant has worked out what may be granted."""

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


class Issuer(IssuerParameter):  # type: ignore[misc]  # authlib has no types
    """Every answer to an app says who gave it. Source: RFC 9207."""

    def get_issuer(self) -> str | None:
        """The issuer of this server, unless this client's profile leaves it out."""
        return here().issuer if g.get("says_issuer", True) else None


def make_server() -> SmartServer:
    """The server with its grants, its endpoint and its one way to authenticate."""
    server = SmartServer()
    server.register_client_auth_method(METHOD, authenticate)
    server.register_grant(LaunchGrant, [CHALLENGE])
    server.register_grant(Renewal)
    server.register_grant(Backend)
    server.register_endpoint(Revocation)
    server.register_extension(Issuer())
    return server


def grant_for(server: SmartServer, request: OAuth2Request) -> LaunchGrant:
    """The grant of an authorization request, whatever response_type it names."""
    grant = LaunchGrant(request, server)
    CHALLENGE(grant)
    return grant


def quiet() -> None:
    """authlib logs verifiers and tokens at DEBUG: it does not get to."""
    logging.getLogger("authlib").setLevel(logging.INFO)


CHALLENGE = S256Only(required=True)
SERVER = make_server()
