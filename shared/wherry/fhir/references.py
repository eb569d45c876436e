"""References to things of the same Bundle become references to what is stored."""

from collections.abc import Mapping
from typing import Any

from wherry.resource import Resource

# Types whose references into the Bundle are all at the top: looking there is enough, and fast.
_FLAT = {
    "Observation": ("subject", "encounter", "device", "hasMember", "derivedFrom", "basedOn"),
    "DiagnosticReport": ("subject", "encounter", "result", "basedOn"),
    "Provenance": ("target",),
}


def resolved(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The resource with each reference to a full URL in `known` replaced; itself when none is."""
    if not known:
        return resource
    names = _FLAT.get(resource["resourceType"])
    if names is None:
        found = _deep(resource, known)
        return found if isinstance(found, dict) else resource
    changes: dict[str, Any] = {}
    for name in names:
        value = resource.get(name)
        if isinstance(value, dict):
            if value.get("reference") in known:
                changes[name] = _one(value, known)
        elif value and any(item.get("reference") in known for item in value):
            changes[name] = [_one(item, known) for item in value]
    return {**resource, **changes} if changes else resource


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
