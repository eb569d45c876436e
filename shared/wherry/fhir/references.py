"""References to things of the same Bundle become references to what is stored."""

from collections.abc import Mapping
from typing import Any

from wherry.resource import Resource

# Every top element of these types that refers: looking there is enough, and fast.
# Source: FHIR R4 Observation, DiagnosticReport, Provenance.
_FLAT = {
    "Observation": (
        *("subject", "encounter", "performer", "specimen", "device", "hasMember", "derivedFrom"),
        *("basedOn", "partOf", "focus"),
    ),
    "DiagnosticReport": (
        *("subject", "encounter", "performer", "resultsInterpreter", "specimen", "result"),
        *("basedOn", "imagingStudy"),
    ),
    "Provenance": ("target",),
}
# Elements of theirs that may refer further below.
_BELOW = ("note", "media", "agent", "entity")

_NESTED = (dict, list)


def resolved(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The resource with each reference to a full URL in `known` replaced; itself when none is."""
    if not known:
        return resource
    names = _FLAT.get(resource["resourceType"])
    if names is None:
        found: Resource = _deep(resource, known)
        return found
    changes: dict[str, Any] = {}
    for name in names:
        value = resource.get(name)
        if not value:
            continue
        if isinstance(value, dict):
            if value.get("reference") in known:
                changes[name] = _one(value, known)
        elif not known.keys().isdisjoint([item.get("reference") for item in value]):
            changes[name] = [_one(item, known) for item in value]
    for name in _BELOW:
        if name in resource:
            changes[name] = _deep(resource[name], known)
    return {**resource, **changes} if changes else resource


def resolved_everywhere(resource: Resource, known: Mapping[str, str]) -> Resource:
    """The same for a stored resource, wherever in it the references are."""
    found: Resource = _deep(resource, known)
    return found


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
