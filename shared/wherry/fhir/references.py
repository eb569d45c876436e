"""References to things of the same Bundle become references to what is stored."""

from collections.abc import Mapping
from typing import Any

from wherry.resource import Resource

# Types whose references into the Bundle are all at the top: looking there is enough, and fast.
_FLAT = {
    "Observation": ("subject", "encounter", "hasMember", "derivedFrom", "basedOn"),
    "DiagnosticReport": ("subject", "encounter", "result", "basedOn"),
    "Provenance": ("target",),
}


def resolved(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The resource with each reference to a full URL in `known` replaced; itself when none is."""
    names = _FLAT.get(resource["resourceType"])
    if names is None:
        found = _deep(resource, known)
        return found if isinstance(found, dict) else resource
    changes: dict[str, Any] = {}
    for name in names:
        if name in resource:
            value = resource[name]
            if isinstance(value, list):
                changes[name] = [_one(item, known) for item in value]
            else:
                changes[name] = _one(value, known)
    return {**resource, **changes}


def _one(reference: Mapping[str, Any], known: Mapping[str, str]) -> Mapping[str, Any]:
    stored = known.get(reference.get("reference", ""))
    return {**reference, "reference": stored} if stored else reference


def _deep(value: Any, known: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {
            name: known.get(item, item)
            if name == "reference" and isinstance(item, str)
            else _deep(item, known)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_deep(item, known) for item in value]
    return value
