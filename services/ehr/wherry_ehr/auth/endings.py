"""Tokens that are given back (RFC 7009), and what is said of one that is shown (RFC 7662)."""

from typing import Any

from authlib.oauth2.rfc7009 import RevocationEndpoint
from flask import Request

from wherry_ehr.auth.answer import context
from wherry_ehr.auth.client_auth import METHOD
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.quirks import as_told
from wherry_ehr.auth.records import Grant
from wherry_ehr.auth.registry import registered
from wherry_ehr.auth.scopes import INTROSPECT
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

INACTIVE: dict[str, Any] = {"active": False}


class Owned:
    """A token and its owner, as authlib wants to see them; `family` is a refresh token's."""

    def __init__(self, token: str, grant: Grant, family: str = "") -> None:
        self.token = token
        self.grant = grant
        self.family = family

    def check_client(self, client: Client) -> bool:
        """Whether this client may give it back."""
        return self.grant.client_id == client.client_id


class Revocation(RevocationEndpoint):  # type: ignore[misc]  # authlib has no types
    """An app gives a token back; a refresh token takes its family with it. Source: RFC 7009, 2."""

    CLIENT_AUTH_METHODS = (METHOD,)

    def query_token(self, token_string: str, _hint: str | None) -> Owned | None:
        """The token, while it works; hints are only hints."""
        now = deps().clock.now()
        if grant := vault().grant(token_string, now):
            return Owned(token_string, grant)
        found = vault().refresh(token_string, now)
        if found is None or found.ended:
            return None
        return Owned(token_string, found.refresh.grant, found.refresh.family)

    def revoke_token(self, token: Owned, _request: Any) -> None:
        """From now on it is refused."""
        if token.family:
            vault().end_family(token.family)
        else:
            vault().revoke(token.token)


def may_introspect(request: Request) -> bool:
    """Whether the bearer token of this request allows it. Source: SMART 2.2, R281 to R283."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not given.strip():
        return False
    grant = vault().grant(given.strip(), deps().clock.now())
    return grant is not None and grant.aud == here().fhir and INTROSPECT in grant.scope.split()


def told_of(token: str, *, owner: str = "") -> dict[str, Any]:
    """What is said of this token; `owner` asks about its own tokens only.

    Source: SMART 2.2, R271 to R280; RFC 7662, 2.2 (nothing is said of a token that does not work).
    """
    found = vault().standing(token, deps().clock.now())
    if found is None or (owner and found.grant.client_id != owner):
        return INACTIVE
    grant = found.grant
    client = registered().one(grant.client_id)
    said: dict[str, Any] = {
        "active": True,
        "scope": as_told(grant.scope, client.profile) if client else grant.scope,
        "client_id": grant.client_id,
        "token_type": "Bearer",
        "exp": found.ends_at,
        "aud": grant.aud,
    }
    if grant.launch is not None and client is not None:
        said |= context(grant.launch, client, here())
    if grant.issuer:
        said |= {"iss": grant.issuer, "sub": grant.practitioner}
        if "fhirUser" in grant.scope.split():
            said["fhirUser"] = f"{grant.aud}/Practitioner/{grant.practitioner}"
    return said
