"""References to things of the same Bundle become references to what is stored."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from wherry.fhir.r4 import tables as r4
from wherry.resource import Resource

_NESTED = (dict, list)

# Datatypes that hold no reference but in an extension of theirs, which nobody here writes.
_PLAIN = frozenset(
    """CodeableConcept Coding Quantity SimpleQuantity Age Duration Range Ratio Period Meta Narrative
    HumanName Address ContactPoint Attachment SampledData Money Timing""".split()  # noqa: SIM905
)


def resolved(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The resource with each reference to a full URL in `known` replaced; itself when none is."""
    if not known:
        return resource
    kinds = _kinds(resource["resourceType"])
    changes: dict[str, Any] = {}
    for name, value in resource.items():
        kind = kinds.get(name)
        if kind is None:
            continue
        if kind == "Reference":
            changed = _top(value, known)
        else:
            changed = _deep(value, known) if name != "extension" or len(value) > 1 else value
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
    return {one.key: one.type for one in properties if not one.primitive and one.type not in _PLAIN}


def _top(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return _one(value, known) if value.get("reference") in known else value
    if known.keys().isdisjoint([item.get("reference") for item in value]):
        return value
    return [_one(item, known) for item in value]


def _one(reference: Mapping[str, Any], known: Mapping[str, str]) -> Mapping[str, Any]:
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
