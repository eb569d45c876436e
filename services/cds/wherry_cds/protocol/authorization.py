"""The FHIR access that a client lends for one call: what it is made of, and what it permits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wherry_cds.protocol.problem import Problem

# Source: CDS Hooks 2.0, Passing the Access Token to the CDS Service
_MEMBERS: Mapping[str, type] = {
    "access_token": str,
    "token_type": str,
    "expires_in": int,
    "scope": str,
    "subject": str,
}
_SAID: Mapping[type, str] = {str: "a string", int: "an integer"}

# Source: RFC 6750 §2.1, b64token
_TOKEN = re.compile(r"[A-Za-z0-9\-._~+/]+=*")

# Source: SMART 1.0 and 2.2, scopes for clinical data; a v2 scope may end in search parameters
_SCOPE = re.compile(
    r"(patient|user|system)/(?P<type>\*|[A-Za-z]+)\.(?P<may>\*|read|write|c?r?u?d?s?)(\?\S*)?"
)


@dataclass(frozen=True, slots=True)
class Authorization:
    """A token for this call's FHIR reads only; it is written down nowhere."""

    token: str = field(repr=False)
    expires_in_s: int
    scope: str
    patient: str = ""

    @property
    def usable(self) -> bool:
        """Whether it is still good; a token that is said to be over is not sent anywhere."""
        return self.expires_in_s > 0

    def permits(self, type_: str, *, search: bool) -> bool:
        """Whether its scope lets this type be searched for, or read.

        Source: SMART App Launch 1.0 (`.read`, `.*`) and 2.2 (`.rs`).
        """
        return any(_permits(word, type_, search) for word in self.scope.split())


def problems(body: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the `fhirAuthorization` of this body; without one, nothing."""
    if "fhirAuthorization" not in body:
        return []
    given = body["fhirAuthorization"]
    if not isinstance(given, dict):
        return [Problem("fhirAuthorization", "must be an object")]
    found = [problem for name in _MEMBERS for problem in _member(given, name)]
    kind, token = given.get("token_type"), given.get("access_token")
    if isinstance(kind, str) and kind != "Bearer":
        found.append(Problem("fhirAuthorization.token_type", "must be Bearer"))
    if isinstance(token, str) and not _TOKEN.fullmatch(token):
        found.append(Problem("fhirAuthorization.access_token", "must be a bearer token"))
    if not isinstance(given.get("patient", ""), str):
        found.append(Problem("fhirAuthorization.patient", "must be a string"))
    return found


def read(given: Mapping[str, Any] | None) -> Authorization | None:
    """The authorization that has no problems."""
    if given is None:
        return None
    return Authorization(
        token=given["access_token"],
        expires_in_s=given["expires_in"],
        scope=given["scope"],
        patient=given.get("patient", "").removeprefix("Patient/"),
    )


def _member(given: Mapping[str, Any], name: str) -> list[Problem]:
    at, value, type_ = f"fhirAuthorization.{name}", given.get(name), _MEMBERS[name]
    if value is None:
        return [Problem(at, "is required", code="required")]
    if not isinstance(value, type_) or isinstance(value, bool):
        return [Problem(at, f"must be {_SAID[type_]}")]
    return []


def _permits(word: str, type_: str, search: bool) -> bool:
    scope = _SCOPE.fullmatch(word)
    if scope is None or scope["type"] not in ("*", type_):
        return False
    return scope["may"] in ("*", "read") or (
        scope["may"] != "write" and ("s" if search else "r") in scope["may"]
    )
