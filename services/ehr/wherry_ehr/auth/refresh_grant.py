"""A refresh token becomes a new access token and a new refresh token, once."""

from typing import Any

import structlog
from authlib.oauth2.rfc6749.errors import InvalidGrantError, InvalidScopeError
from authlib.oauth2.rfc6749.grants import RefreshTokenGrant

from wherry_ehr.auth.answer import context, terms_for, token_body
from wherry_ehr.auth.client_auth import METHOD
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.scopes import is_within
from wherry_ehr.auth.tokens import FoundRefresh
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()


class Renewable:
    """A refresh token that was found, as authlib wants to see it."""

    def __init__(self, found: FoundRefresh) -> None:
        self.found = found

    def check_client(self, client: Client) -> bool:
        """Whether it was given to this client. Source: SMART 2.2, R103."""
        return self.found.refresh.grant.client_id == client.client_id

    def get_scope(self) -> str:
        """What was granted at first."""
        return self.found.refresh.grant.scope


class Renewal(RefreshTokenGrant):  # type: ignore[misc]  # authlib has no types
    """Rotation with reuse detection. Source: SMART 2.2, R100 to R118; RFC 9700, 4.14.2."""

    TOKEN_ENDPOINT_AUTH_METHODS = (METHOD,)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> Renewable | None:
        """A refresh token that still works; one that is used again ends its family."""
        found = vault().refresh(refresh_token, deps().clock.now())
        if found is None:
            return None
        own = found.refresh.grant.client_id == self.request.client.client_id
        if found.used:
            if own:
                reused(found)
            return None
        if found.ended or (found.session and not self._is_online(found)):
            return None
        return Renewable(found)

    def _is_online(self, found: FoundRefresh) -> bool:
        """Whether the clinician of an online token is still signed in. Source: R100."""
        return vault().session(found.session, deps().clock.now()) is not None

    def _validate_token_scope(self, token: Renewable) -> None:
        """Less is asked for, or the same. Source: SMART 2.2, R104, R107, R109."""
        asked = self.request.payload.scope
        if asked and not is_within(asked, token.get_scope()):
            raise InvalidScopeError("scope asks for more than was granted")

    def authenticate_user(self, refresh_token: Renewable) -> str:
        """For whom it was given."""
        return refresh_token.found.refresh.grant.practitioner

    def generate_token(self, **_asked: Any) -> dict[str, Any]:
        """Nothing yet: `save_token` makes it."""
        return {}

    def save_token(self, token: dict[str, Any]) -> None:
        """The new tokens, in one commit with the end of the old one. Raises: InvalidGrantError."""
        found: FoundRefresh = self.request.refresh_token.found
        grant, client = found.refresh.grant, self.request.client
        scope = " ".join((self.request.payload.scope or grant.scope).split())
        terms = terms_for(client, grant.scope)
        rotate = not client.profile.keeps_refresh
        issued = vault().renew(found, scope, deps().clock.now(), terms, rotate=rotate)
        if issued is None:
            reused(found)
            raise InvalidGrantError("the refresh token was used before")
        token.update(token_body(issued, terms, scope, client))
        if grant.launch is not None:
            token.update(context(grant.launch, client, here()))
        log.info("token_renewed", client_id=grant.client_id)

    def revoke_old_credential(self, refresh_token: Renewable) -> None:
        """It was used up when the new one was made."""


def reused(found: FoundRefresh) -> None:
    """Somebody uses a refresh token again: the whole family stops working."""
    log.warning("refresh_token_reused", client_id=found.refresh.grant.client_id)
    vault().end_family(found.refresh.family)
