"""SMART scopes: which of those asked for are granted, and what a granted one allows."""

import re
from typing import NamedTuple

# Source: SMART App Launch 2.2, Scopes and Launch Context
CONTEXT = ("launch", "openid", "fhirUser", "launch/patient", "launch/encounter")

# A SMART app reads and searches here; it does not write.
LETTERS = "rs"

# Source: SMART App Launch 2.2, Scopes for requesting FHIR Resources (R120 to R125): letters in this
# order. Search-narrowed scopes are not granted here, and neither is user/ or system/.
_ACCESS = re.compile(r"patient/(\*|[A-Z][A-Za-z]*)\.(?=[cruds])(c?r?u?d?s?)")


class Access(NamedTuple):
    """One patient-level scope: a resource type or `*`, and letters."""

    type: str
    letters: str

    def __str__(self) -> str:
        return f"patient/{self.type}.{self.letters}"


def granted(asked: str, allowed: str) -> str:
    """What both the app asks for and its registration allows, in the app's order.

    What is not understood is left out. Source: SMART 2.2, R129, R145.
    """
    may = set(allowed.split())
    accesses = [access for word in allowed.split() if (access := _access(word))]
    found: list[str] = []
    for word in asked.split():
        if word in CONTEXT:
            found += [word] if word in may else []
        elif access := _access(word):
            found += [str(both) for one in accesses if (both := _both(access, one))]
    return " ".join(dict.fromkeys(found))


def has_access(scope: str) -> bool:
    """Whether any of it is about resources."""
    return any(_access(word) for word in scope.split())


def allows(scope: str, type_: str, letter: str) -> bool:
    """Whether a granted scope lets its holder do this (`r` or `s`) to this type. Source: R95."""
    accesses = [access for word in scope.split() if (access := _access(word))]
    return any(one.type in {type_, "*"} and letter in one.letters for one in accesses)


def _access(word: str) -> Access | None:
    found = _ACCESS.fullmatch(word)
    return Access(found[1], found[2]) if found else None


def _both(one: Access, other: Access) -> Access | None:
    if "*" not in {one.type, other.type} and one.type != other.type:
        return None
    letters = "".join(c for c in LETTERS if c in one.letters and c in other.letters)
    if not letters:
        return None
    return Access(other.type if one.type == "*" else one.type, letters)
