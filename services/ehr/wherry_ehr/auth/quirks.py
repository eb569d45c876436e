"""Profiles of known EHRs: where they differ from the standard, as a table; none by default."""

from dataclasses import dataclass, field
from typing import Any

# Source: captures and documentation of Epic (2025) and Oracle Health (2026)


@dataclass(frozen=True, slots=True)
class Profile:
    """How the server behaves towards one client.

    `without` are members that its discovery document lacks, `lacks` capabilities. `issuer_path` is
    where the issuer of id_tokens lives, below the origin; empty means that it is the FHIR base.
    `text_booleans`: need_patient_banner is "true" or "false". `scope_case` tells v1 scopes as
    `user/Observation.Read`. `keeps_refresh`: a refresh brings no new refresh token. Units: seconds.
    """

    without: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    wildcards: bool = True
    text_booleans: bool = False
    issuer_path: str = ""
    token_life_s: int = 3600
    keeps_refresh: bool = False
    says_issuer: bool = True
    echoes_state: bool = False
    scope_case: bool = False
    extra: dict[str, Any] = field(default_factory=dict)


PROFILES = {
    "": Profile(),
    "epic": Profile(
        without=frozenset(
            {
                "issuer",
                "jwks_uri",
                "grant_types_supported",
                "code_challenge_methods_supported",
                "authorization_response_iss_parameter_supported",
            }
        ),
        wildcards=False,
        text_booleans=True,
        issuer_path="/oauth2",
        says_issuer=False,
        echoes_state=True,
        scope_case=True,
        extra={"__epic.dstu2.patient": "T-sandbox"},
    ),
    "oracle": Profile(
        without=frozenset({"authorization_response_iss_parameter_supported"}),
        lacks=frozenset({"context-standalone-patient", "context-standalone-encounter"}),
        wildcards=False,
        issuer_path="/oidc/idsps/sandbox/",
        token_life_s=570,
        keeps_refresh=True,
        says_issuer=False,
    ),
}

ISSUER_PATHS = frozenset(each.issuer_path for each in PROFILES.values() if each.issuer_path)


def without_wildcards(scope: str, profile: Profile) -> str:
    """The scope as this profile takes it: some EHRs know no `*` for types."""
    if profile.wildcards:
        return scope
    return " ".join(word for word in scope.split() if "/*." not in word)


def as_told(scope: str, profile: Profile) -> str:
    """The granted scope as this profile spells it."""
    if not profile.scope_case:
        return scope
    cased = {".read": ".Read", ".write": ".Write"}
    words = scope.split()
    for plain, odd in cased.items():
        words = [w.removesuffix(plain) + odd if w.endswith(plain) else w for w in words]
    return " ".join(words)
