"""A granted scope string becomes what may be read with it."""

import re
from collections.abc import Iterable

# What the page needs, and no more; reading and searching, nothing else
TYPES = ("Patient", "Observation", "RiskAssessment", "Encounter", "Device", "Provenance")
WANTED = ("launch", "openid", "fhirUser", *(f"patient/{type_}.rs" for type_ in TYPES))

# Source: SMART App Launch 2.2, scopes and launch context; servers mix case and versions
_SCOPE = re.compile(
    r"(?:patient|user)/(?P<type>\*|[A-Za-z]+)\.(?P<may>\*|read|write|c?r?u?d?s?)(?:\?.*)?", re.I
)


def readable(granted: str) -> frozenset[str]:
    """The resource types of TYPES that may be read, entirely or in part."""
    types = set[str]()
    for scope in granted.split():
        found = _SCOPE.fullmatch(scope)
        if found is None or not _reads(found["may"].lower()):
            continue
        asked = found["type"].lower()
        types.update(type_ for type_ in TYPES if asked in {"*", type_.lower()})
    return frozenset(types)


def withheld(granted: str, *, needed: Iterable[str] = TYPES) -> tuple[str, ...]:
    """The types that the page needs and that the EHR did not grant."""
    may = readable(granted)
    return tuple(type_ for type_ in needed if type_ not in may)


def _reads(may: str) -> bool:
    return may in {"*", "read"} or (may != "write" and ("r" in may or "s" in may))
