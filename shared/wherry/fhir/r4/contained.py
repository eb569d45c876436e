"""`contained` of a resource → what #id may mean, and what R4 forbids about it."""

from collections.abc import Iterator, Mapping
from typing import Any

from wherry.fhir.r4.tables import resource_types


def local_types(resource: Mapping[str, Any]) -> Mapping[str, str]:
    """Resource type by id of all that is contained; the empty id is the container: "#"."""
    found = {"": str(resource["resourceType"])}
    inner = resource.get("contained")
    for item in inner if isinstance(inner, list) else ():
        if isinstance(item, dict):
            id_, type_ = item.get("id"), item.get("resourceType")
            if isinstance(id_, str) and isinstance(type_, str) and type_ in resource_types():
                found[id_] = type_
    return found


def problems(resource: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Index in `contained` and broken invariant, for a resource that is valid otherwise.

    Source: FHIR R4 domainresource.html, dom-2 to dom-5.
    """
    inner = resource.get("contained", ())
    mentioned = set(_local_references(resource)) if inner else set()
    for index, item in enumerate(inner):
        meta = item.get("meta", {})
        if "contained" in item:
            yield index, "dom-2: expected no contained resources inside a contained one"
        if f"#{item.get('id', '')}" not in mentioned and "#" not in set(_local_references(item)):
            yield index, "dom-3: expected a reference to it from the resource"
        if "versionId" in meta or "lastUpdated" in meta:
            yield index, "dom-4: expected no versionId and no lastUpdated"
        if "security" in meta:
            yield index, "dom-5: expected no security label"


def _local_references(value: Any) -> Iterator[str]:
    """Every string that starts with #, without recursion: depth is checked elsewhere."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str) and item.startswith("#"):
            yield item
