"""What an app is opened about beside patient and encounter: the items of fhirContext, checked."""

import re
from collections.abc import Mapping
from typing import Any

from wherry.errors import Failure, Kind
from wherry_ehr.search.types import types

# Source: SMART 2.2, fhirContext (R172, R177 to R192)
_MEMBERS = frozenset({"reference", "canonical", "identifier", "type", "role"})
_NAMING = frozenset({"reference", "canonical", "identifier"})
_REFERENCE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9.-]{1,64}")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_LAUNCH = "launch"
_ELSEWHERE = frozenset({"Patient", "Encounter"})
_MAX_ITEMS = 50


def read_fhir_context(value: Any) -> tuple[dict[str, Any], ...]:
    """The items. Raises: Failure(INVALID) at the one that breaks a rule."""
    if not isinstance(value, list) or len(value) > _MAX_ITEMS:
        raise Failure(Kind.INVALID, f"a list of at most {_MAX_ITEMS}", at="fhirContext")
    for n, item in enumerate(value):
        if text := _wrong(item):
            raise Failure(Kind.INVALID, text, at=f"fhirContext[{n}]")
    return tuple(value)


def _wrong(item: Any) -> str:
    if not isinstance(item, dict) or item.keys() - _MEMBERS:
        return f"an object of {', '.join(sorted(_MEMBERS))}"
    texts = [item[name] for name in ("reference", "canonical", "type", "role") if name in item]
    if not (_NAMING & item.keys() and all(isinstance(text, str) and text for text in texts)):
        return "reference, canonical or identifier is needed, and texts that say something"
    return _misnamed(item)


def _misnamed(item: Mapping[str, Any]) -> str:
    named = _named(item)
    if named is None:
        return "reference is Type/id, canonical an absolute address, identifier an object"
    if not named <= types() or len(named) > 1:
        return "one resource type of R4"
    role = item.get("role", _LAUNCH)
    if role != _LAUNCH and not _ABSOLUTE.fullmatch(role):
        return "a role that the specification does not name is an absolute address"
    if named & _ELSEWHERE and role == _LAUNCH:
        return "Patient and Encounter are named here with another role only"
    return ""


def _named(item: Mapping[str, Any]) -> frozenset[str] | None:
    """The types that it names; None when it names them badly."""
    found = {item["type"]} if "type" in item else set()
    if "reference" in item:
        reference = _REFERENCE.fullmatch(item["reference"])
        if reference is None:
            return None
        found.add(reference[1])
    if "canonical" in item and not _ABSOLUTE.fullmatch(item["canonical"]):
        return None
    if "identifier" in item and not (isinstance(item["identifier"], dict) and item["identifier"]):
        return None
    return frozenset(found)
