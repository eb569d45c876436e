"""A profile becomes lines that say whether this EHR can launch the app, and what is in the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, unique
from typing import Any

from wherry.errors import Failure, Kind
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.grant import service_grant
from wherry_smart.protocol.launches import Tokens
from wherry_smart.protocol.profiles import KEY, Profile

_NEVER = datetime.max.replace(tzinfo=UTC)


@unique
class Said(Enum):
    """What was found."""

    GOOD = "yes"
    BAD = "no"
    OPEN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One finding in words; no secret is in it."""

    said: Said
    text: str


def tried(ehr: HttpAuthorization, profile: Profile, *, scope: str = "") -> Sequence[Line]:
    """What an administrator wants to know before the first launch."""
    try:
        document = ehr.document(profile)
        found = ehr.discover(profile)
    except Failure as failure:
        return [Line(Said.BAD, f"discovery: {failure.detail} ({failure.at})")]
    lines = [
        Line(Said.GOOD, "discovery, and every address is one of this EHR"),
        _names(document, "code_challenge_methods_supported", "S256", "PKCE with S256"),
        _names(
            document,
            "token_endpoint_auth_methods_supported",
            profile.auth_method,
            f"apps that prove themselves by {profile.auth_method}",
        ),
        Line(Said.GOOD if found.revocation else Said.OPEN, "tokens can be revoked at sign-out"),
    ]
    if profile.auth_method == KEY:
        name = "token_endpoint_auth_signing_alg_values_supported"
        lines.append(_names(document, name, profile.alg, f"assertions signed with {profile.alg}"))
    return [*lines, *(_as_service(ehr, profile, found, scope) if scope else ())]


def _names(document: Any, name: str, wanted: str, text: str) -> Line:
    """Whether a member of the discovery document names it; many EHRs leave such members out."""
    listed = document.get(name)
    if not isinstance(listed, list):
        return Line(Said.OPEN, f"{text}: not said")
    return Line(Said.GOOD if wanted in listed else Said.BAD, text)


def _as_service(
    ehr: HttpAuthorization, profile: Profile, found: Endpoints, scope: str
) -> Sequence[Line]:
    """Source: SMART App Launch 2.2, Backend Services, R229 to R238."""
    if profile.auth_method != KEY:
        return [Line(Said.BAD, "only an app with a key can be a backend service")]
    try:
        given = service_grant(ehr.serve(profile, found.token, scope))
        tokens = Tokens(
            base=profile.base,
            token_endpoint=found.token,
            revocation=found.revocation,
            access_token=given.access_token,
            refresh_token="",
            scope=given.scope,
            issued_at=_NEVER,
            expires_at=_NEVER,
            ends_at=_NEVER,
        )
        ended = ehr.revoke(profile, tokens)
    except Failure as failure:
        bad = Said.OPEN if failure.kind is Kind.UNAVAILABLE else Said.BAD
        return [Line(bad, f"the EHR knows our key: {failure.detail}")]
    rest = "it was revoked" if ended else "it ends by itself"
    return [Line(Said.GOOD, f"the EHR knows our key and gave a token for: {given.scope} ({rest})")]
