"""private_key_jwt: the assertion in a token request becomes the client that made it."""

from collections.abc import Callable
from typing import Any

from wherry.errors import Failure, Kind
from wherry_ehr.auth.assertion import TYPE, Claimed, claimed, has_key, prove
from wherry_ehr.auth.clients import KEY, Client
from wherry_ehr.auth.keys import Jwks
from wherry_ehr.auth.vault import vault
from wherry_ehr.deps import deps
from wherry_ehr.here import here

_NOBODY = "the client is not known"

Query = Callable[[str], Client | None]


def by_key(query_client: Query, form: Any) -> Client:
    """The client of this assertion. Raises: Failure(UNAUTHENTICATED); SMART 2.2, R335 to R338."""
    if form.get("client_assertion_type") != TYPE:
        raise _no("client_assertion_type must be jwt-bearer")
    assertion = form.get("client_assertion", "")
    seen = claimed(assertion)
    client = query_client(seen.client_id)
    if client is None or client.auth_method != KEY:
        raise _no(_NOBODY)
    if form.get("client_id", client.client_id) != client.client_id:
        raise _no(_NOBODY)
    jti, ends_at = prove(
        assertion,
        seen,
        jwks=_keys(client, seen),
        audience=here().token,
        now_s=int(deps().clock.now().timestamp()),
    )
    if not vault().take_assertion(client.client_id, jti, ends_at, deps().clock.now()):
        raise _no("this assertion was used before")
    return client


def _keys(client: Client, seen: Claimed) -> Jwks:
    """The registered keys: a jku must be the registered address. Source: SMART 2.2, R326, R338."""
    if "jku" in seen.header and seen.header["jku"] != client.jwks_uri:
        raise _no("jku is not the registered address")
    if client.jwks is not None:
        return client.jwks
    found = deps().keys(client.jwks_uri)
    if has_key(found, str(seen.header["kid"])):
        return found
    return deps().keys(client.jwks_uri, again=True)


def _no(reason: str) -> Failure:
    return Failure(Kind.UNAUTHENTICATED, reason, at="client_assertion")
