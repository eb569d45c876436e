"""A granted scope string becomes what may be read and done with it."""

import re
from collections.abc import Iterable

# What the page reads, and no more
TYPES = ("Patient", "Observation", "RiskAssessment", "Encounter", "Device", "Provenance")
_PERSON = ("openid", "fhirUser", "online_access")
WANTED = (*_PERSON, *(f"patient/{type_}.rs" for type_ in TYPES), "patient/ServiceRequest.c")
V1 = (*_PERSON, *(f"patient/{type_}.read" for type_ in TYPES), "patient/ServiceRequest.write")
"""What is asked for in the syntax of SMART 1; `.write` is the least that can create there."""

# Source: SMART App Launch 2.2, scopes and launch context; servers mix case and versions
_SCOPE = re.compile(
    r"(?P<level>patient|user)/(?P<type>\*|[A-Za-z]+)\.(?P<may>\*|read|write|c?r?u?d?s?)(?:\?.*)?",
    re.I,
)
# Source: SMART App Launch 2.2, Appendix: URI representation of scopes
_AS_ADDRESS = (
    "http://smarthealthit.org/fhir/scopes/",
    "http://openid.net/specs/openid-connect-core-1_0#",
)
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}


def readable(granted: str) -> frozenset[str]:
    """The resource types of TYPES that may be read, entirely or in part."""
    return frozenset(type_ for type_ in TYPES if may(granted, type_, "rs"))


def withheld(granted: str, *, needed: Iterable[str] = TYPES) -> tuple[str, ...]:
    """The types that the page needs and that the EHR did not grant."""
    known = readable(granted)
    return tuple(type_ for type_ in needed if type_ not in known)


def may(granted: str, type_: str, letters: str, *, level: str = "") -> bool:
    """Whether one of these letters is granted for a type, at one level or at any.

    A granted scope is never taken to be the one that was asked for. Source: SMART 2.2, R147.
    """
    for scope in map(plain, granted.split()):
        found = _SCOPE.fullmatch(scope)
        if found is None or found["type"].lower() not in {"*", type_.lower()}:
            continue
        if level and found["level"].lower() != level:
            continue
        said = found["may"].lower()
        if set(_V1.get(said, said)) & set(letters):
            return True
    return False


def plain(scope: str) -> str:
    """A scope without the address that some servers put before it. Source: R219, R220."""
    return next((scope.removeprefix(each) for each in _AS_ADDRESS if scope.startswith(each)), scope)
