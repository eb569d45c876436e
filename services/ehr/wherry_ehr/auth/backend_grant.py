"""A backend service's signed request becomes a token for what it was registered for."""

from typing import Any

import structlog
from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    UnauthorizedClientError,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from wherry_ehr.auth.answer import backend_terms, token_body
from wherry_ehr.auth.client_auth import METHOD
from wherry_ehr.auth.quirks import without_wildcards
from wherry_ehr.auth.records import Grant
from wherry_ehr.auth.scopes import INTROSPECT, SYSTEM, access, granted
from wherry_ehr.auth.tokens import Issued
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

_MAX_SCOPE = 8192


class Backend(ClientCredentialsGrant):  # type: ignore[misc]  # authlib has no types
    """SMART Backend Services. Source: SMART 2.2, R234 to R262, R344."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)

    def validate_token_request(self) -> None:
        """Who asks, and for what. Raises: OAuth2Error."""
        client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError("this client is not registered as a backend service")
        self.request.client = client
        asked = self.request.payload.scope or ""
        if not asked.strip() or len(asked) > _MAX_SCOPE:
            raise InvalidRequestError(f"scope is needed, in at most {_MAX_SCOPE} characters")
        scope = granted(without_wildcards(asked, client.profile), client.scope)
        words = [word for word in scope.split() if word == INTROSPECT or _is_system(word)]
        if not words:
            raise InvalidScopeError("none of the scopes asked for can be granted")
        self.scope = " ".join(words)

    def generate_token(self, **_asked: Any) -> dict[str, Any]:
        """Nothing yet: `save_token` makes it."""
        return {}

    def save_token(self, token: dict[str, Any]) -> None:
        """The token, five minutes long at most."""
        client = self.request.client
        grant = Grant(client.client_id, "", "", self.scope, here().fhir)
        terms = backend_terms(client)
        issued = Issued(vault().issue(grant, deps().clock.now(), terms))
        token.update(token_body(issued, terms, self.scope, client))
        log.info("token_issued", client_id=client.client_id, patient_id="")


def _is_system(word: str) -> bool:
    found = access(word)
    return found is not None and found.level == SYSTEM
