"""SMART scopes: what both sides name is granted, and a refresh asks for no more than that."""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import parse_qsl

from wherry_ehr.auth.narrowing import can_narrow
from wherry_ehr.search.types import types

# Source: SMART App Launch 2.2, Scopes and Launch Context; INTROSPECT is ours (R217: __)
OFFLINE, ONLINE = "offline_access", "online_access"
INTROSPECT = "__introspect"
PATIENT, USER, SYSTEM = "patient", "user", "system"

# Source: SMART 2.2, R120 to R125, R135: letters in this order; R128: what the words of v1 mean
_RESOURCE = re.compile(
    r"(patient|user|system)/(\*|[A-Z][A-Za-z]*)"
    r"\.(?:(read|write|\*)|(?=[cruds])(c?r?u?d?s?)(?:\?(.+))?)"
)
_V1 = {"read": "rs", "write": "cud", "*": "cruds"}
_V1_WORDS = {letters: word for word, letters in _V1.items()}
LETTERS = "cruds"


class Access(NamedTuple):
    """One scope for resources: level, a type or `*`, letters, and a search that narrows it."""

    level: str
    type: str
    letters: str
    query: str = ""
    v1: bool = False

    def __str__(self) -> str:
        """As a scope; what was asked in the words of v1 is said in them. Source: R127."""
        word = _V1_WORDS.get(self.letters) if self.v1 else None
        narrow = f"?{self.query}" if self.query else ""
        return f"{self.level}/{self.type}.{word or self.letters}{narrow}"

    @property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """The parameters that narrow it."""
        return frozenset(parse_qsl(self.query, keep_blank_values=True))


def access(word: str) -> Access | None:
    """A scope for resources, or None for any other and for what this server cannot enforce."""
    found = _RESOURCE.fullmatch(word)
    if found is None:
        return None
    level, type_, v1, letters, query = found.groups()
    if type_ != "*" and type_ not in types():
        return None
    if query and not can_narrow(type_, query):
        return None
    return Access(level, type_, _V1[v1] if v1 else letters, query or "", bool(v1))


def accesses(scope: str) -> list[Access]:
    """All scopes for resources in it."""
    return [found for word in scope.split() if (found := access(word))]


def granted(asked: str, allowed: str) -> str:
    """What both the app asks for and its registration allows, in the app's order.

    What is not understood is left out. A role of a launch scope (`?role=`) is the app's to name.
    Source: SMART 2.2, R129, R145, R159, R250.
    """
    may, registered = set(allowed.split()), accesses(allowed)
    found: list[str] = []
    for word in asked.split():
        if one := access(word):
            found += [str(both) for other in registered if (both := _both(one, other))]
        elif "/" not in word or word.startswith("launch/"):
            found += [word] if word.partition("?")[0] in may else []
    return " ".join(dict.fromkeys(found))


def is_within(asked: str, held: str) -> bool:
    """Whether a scope asks for nothing that `held` does not hold. Source: SMART 2.2, R103 to R107.

    An app may narrow by letters, type and search, also across several scopes that it holds.
    """
    words, holding = set(held.split()), accesses(held)
    for word in asked.split():
        if word in words:
            continue
        one = access(word)
        if one is None or not all(_covers(holding, one, letter) for letter in one.letters):
            return False
    return True


def has_access(scope: str) -> bool:
    """Whether any of it is about resources."""
    return bool(accesses(scope))


def without(scope: str, dropped: Iterable[str]) -> str:
    """The scope without these words."""
    gone = frozenset(dropped)
    return " ".join(word for word in scope.split() if word not in gone)


def _covers(holding: Iterable[Access], one: Access, letter: str) -> bool:
    return any(
        held.level == one.level
        and held.type in {"*", one.type}
        and letter in held.letters
        and held.pairs <= one.pairs
        for held in holding
    )


def _both(one: Access, other: Access) -> Access | None:
    if one.level != other.level or ("*" not in {one.type, other.type} and one.type != other.type):
        return None
    letters = "".join(c for c in LETTERS if c in one.letters and c in other.letters)
    if not letters:
        return None
    type_ = other.type if one.type == "*" else one.type
    extra = other.pairs - one.pairs
    if not extra:
        query = one.query
    elif not one.query:
        query = other.query
    else:
        query = f"{one.query}&{other.query}"
    if type_ == "*" and query:
        return None
    return Access(one.level, type_, letters, query, one.v1)
