"""An authorization request is checked: first whom to answer at all, then what is asked."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from authlib.oauth2.rfc6749.errors import (
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    UnsupportedResponseTypeError,
)

from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.quirks import without_wildcards
from wherry_ehr.auth.scopes import ONLINE, PATIENT, SYSTEM, accesses, granted, without

Fields = Mapping[str, Sequence[str]]

# Source: SMART 2.2, R32 to R45
_NEEDED = ("state", "scope", "aud", "code_challenge", "code_challenge_method")

# Source: RFC 7636, 4.2: the SHA-256 of a verifier, in base64url
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

_MAX_CHARS = 2048
_MAX_SCOPE = 8192


class Caller(NamedTuple):
    """A registered app and the registered address that its answer goes to."""

    client: Client
    redirect_uri: str


def caller(fields: Fields, find: Callable[[str], Client | None]) -> Caller:
    """Who asks. Raises: Failure(INVALID): nobody may be redirected anywhere before this is known.

    Source: RFC 6749, 4.1.2.1; SMART 2.2, R34.
    """
    client_id, redirect_uri = _one(fields, "client_id"), _one(fields, "redirect_uri")
    client = find(client_id)
    if client is None:
        raise Failure(Kind.INVALID, "no app is registered under this client_id", at="client_id")
    if not client.check_redirect_uri(redirect_uri):
        raise Failure(
            Kind.INVALID, "this redirect_uri is not registered for the app", at="redirect_uri"
        )
    if len(fields.get("client_id", ())) > 1 or len(fields.get("redirect_uri", ())) > 1:
        raise Failure(Kind.INVALID, "client_id and redirect_uri are sent once", at="client_id")
    return Caller(client, redirect_uri)


def scope_for(fields: Fields, who: Caller, *, aud: str) -> str:
    """What may be granted of what is asked. Raises: OAuth2Error for the app to see.

    Source: SMART 2.2, R14, R15, R32 to R45, R96; RFC 6749, 3.1 (no parameter twice).
    """
    twice = sorted(name for name, values in fields.items() if len(values) > 1)
    if twice:
        raise _refused("a parameter was sent more than once", who)
    if _one(fields, "response_type") != "code":
        raise UnsupportedResponseTypeError(
            "", "response_type must be code", redirect_uri=who.redirect_uri
        )
    for name in _NEEDED:
        value, most = _one(fields, name), _MAX_SCOPE if name == "scope" else _MAX_CHARS
        if not value or len(value) > most:
            raise _refused(f"{name} is needed, in at most {most} characters", who)
    if _one(fields, "code_challenge_method") != "S256":
        raise _refused("code_challenge_method must be S256", who)
    if not _CHALLENGE.fullmatch(_one(fields, "code_challenge")):
        raise _refused("code_challenge must be 43 characters of base64url", who)
    if _one(fields, "aud") != aud:
        raise _refused("aud must be the FHIR base of this server", who)
    if len(_one(fields, "nonce")) > _MAX_CHARS or len(_one(fields, "launch")) > _MAX_CHARS:
        raise _refused(f"nonce and launch have at most {_MAX_CHARS} characters", who)
    return _scope(fields, who)


def is_standalone(fields: Fields) -> bool:
    """Whether the app was not opened by the chart. Source: SMART 2.2, R36."""
    return "launch" not in fields


def needs_patient(scope: str) -> bool:
    """Whether somebody has to choose a patient. Source: SMART 2.2, R164, R165."""
    words = {word.partition("?")[0] for word in scope.split()}
    return bool({"launch/patient", "launch/encounter"} & words) or any(
        one.level == PATIENT for one in accesses(scope)
    )


def needs_encounter(scope: str) -> bool:
    """Whether somebody has to choose an encounter."""
    return any(word.partition("?")[0] == "launch/encounter" for word in scope.split())


def _scope(fields: Fields, who: Caller) -> str:
    asked = without_wildcards(_one(fields, "scope"), who.client.profile)
    scope = granted(asked, who.client.scope)
    # what belongs to backend services alone; Source: SMART 2.2, R239
    scope = without(scope, (str(one) for one in accesses(scope) if one.level == SYSTEM))
    if is_standalone(fields):
        if "launch" in _one(fields, "scope").split():
            raise _refused("the scope launch needs the parameter launch", who)
        # only a launch from the chart has a session to end with; Source: SMART 2.2, R215
        scope = without(scope, (ONLINE,))
    else:
        if not _one(fields, "launch"):
            raise _refused("launch is needed, in at most 2048 characters", who)
        if "launch" not in scope.split():
            raise _scope_refused("the scope launch is needed with a launch", who)
    if not accesses(scope) and "openid" not in scope.split():
        raise _scope_refused("none of the scopes asked for can be granted", who)
    return scope


def _one(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _refused(reason: str, who: Caller) -> OAuth2Error:
    return InvalidRequestError(reason, redirect_uri=who.redirect_uri)


def _scope_refused(reason: str, who: Caller) -> OAuth2Error:
    return InvalidScopeError(reason, redirect_uri=who.redirect_uri)
