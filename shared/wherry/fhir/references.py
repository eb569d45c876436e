"""References to things of the same Bundle become references to what is stored."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from wherry.fhir.r4 import tables as r4
from wherry.fhir.systems import SOURCE_TIME
from wherry.resource import Resource

_NESTED = (dict, list)

# A datatype that can hold a reference in an extension alone is not looked into: nobody here writes
# such an extension.
_EXTENSIONS = frozenset({"extension", "modifierExtension"})


def resolved(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The resource with each reference to a full URL in `known` replaced; itself when none is."""
    if not known:
        return resource
    kinds = _kinds(resource["resourceType"])
    changes: dict[str, Any] = {}
    for name in kinds.keys() & resource.keys():
        value, kind = resource[name], kinds[name]
        if kind == "Extension" and len(value) == 1 and value[0].get("url") == SOURCE_TIME:
            continue
        changed = _within(value, kind, known)
        if changed is not value:
            changes[name] = changed
    return {**resource, **changes} if changes else resource


def resolved_everywhere(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The same for a stored resource, wherever in it the references are."""
    found: Resource = _deep(resource, known)
    return found


@cache
def _kinds(type_: str) -> Mapping[str, str]:
    """The elements of a type that may hold references, and what they are."""
    properties = r4.type_(type_).properties.values()
    return {one.key: one.type for one in properties if _may_hold(one.type, frozenset())}


def _may_hold(type_: str, inside: frozenset[str]) -> bool:
    """Whether a reference may stand in a value of this type, its extensions left out."""
    if type_ in ("Reference", "Resource", "Extension"):
        return True
    if type_[0].islower() or type_ in inside:
        return False
    deeper = inside | {type_}
    return any(
        _may_hold(one.type, deeper)
        for one in r4.type_(type_).properties.values()
        if one.key not in _EXTENSIONS
    )


def _within(value: Any, kind: str, known: Mapping[str, str]) -> Any:
    """The value, one or a list of this type, with its references replaced; itself when none is."""
    if kind == "Reference":
        return _top(value, known)
    if kind == "Resource":
        return _deep(value, known)
    if isinstance(value, list):
        return _each(value, kind, known)
    kinds = _kinds(kind)
    if kinds.keys().isdisjoint(value):
        return value
    changes: dict[str, Any] = {}
    for name in kinds.keys() & value.keys():
        if (changed := _within(value[name], kinds[name], known)) is not value[name]:
            changes[name] = changed
    return {**value, **changes} if changes else value


def _each(items: list[Any], kind: str, known: Mapping[str, str]) -> list[Any]:
    made = items
    for n, item in enumerate(items):
        if (changed := _within(item, kind, known)) is not item:
            made = [*made[:n], changed, *made[n + 1 :]]
    return made


def _top(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return _one(value, known)
    if known.keys().isdisjoint([item.get("reference") for item in value]):
        return value
    return [_one(item, known) for item in value]


def _one(reference: Any, known: Mapping[str, str]) -> Any:
    stored = known.get(reference.get("reference", ""))
    return {**reference, "reference": stored} if stored else reference


def _deep(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_deep(item, known) if isinstance(item, _NESTED) else item for item in value]
    out = {
        name: _deep(item, known) if isinstance(item, _NESTED) else item
        for name, item in value.items()
    }
    if isinstance(reference := out.get("reference"), str):
        out["reference"] = known.get(reference, reference)
    return out
