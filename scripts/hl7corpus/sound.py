"""A translation becomes the list of what is wrong with it as a FHIR R4 transaction."""

from collections.abc import Iterator
from typing import Any

from wherry.fhir.check import problems
from wherry.resource import Translation


def invalid(made: Translation) -> list[str]:
    """Where and why resources, or the Bundle around them, are not valid R4; no values."""
    return [f"{issue.at}: {issue.text}" for issue in problems(made.bundle)]


def unresolved(made: Translation) -> list[str]:
    """Paths of the references that lead to nothing inside the transaction."""
    urls = {entry["fullUrl"] for entry in made.bundle["entry"]}
    found = []
    for entry in made.bundle["entry"]:
        resource = entry["resource"]
        inside = {f"#{one.get('id')}" for one in resource.get("contained", ())} | {"#"}
        found += [
            path
            for path, reference in references(resource, resource["resourceType"])
            if reference not in (inside if reference.startswith("#") else urls)
        ]
    return found


def references(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every literal reference below a JSON value, with its path."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "reference" and isinstance(item, str):
                yield path, item
            elif isinstance(item, dict | list):
                yield from references(item, f"{path}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from references(item, path)


def empty(value: Any, path: str) -> list[str]:
    """Paths of elements that say nothing: empty objects, lists and strings, nulls without pair."""
    if isinstance(value, dict):
        if not value:
            return [path]
        return [at for name, item in value.items() for at in _member(value, name, item, path)]
    if isinstance(value, list):
        return [at for item in value for at in empty(item, path)] if value else [path]
    return [path] if value is None or (isinstance(value, str) and not value.strip()) else []


def _member(owner: dict[str, Any], name: str, item: Any, path: str) -> list[str]:
    """An element; nulls are places held in a list of primitives whose extensions stand beside."""
    twin = owner.get(name.removeprefix("_") if name.startswith("_") else f"_{name}")
    if isinstance(item, list) and isinstance(twin, list) and item:
        item = [one for one in item if one is not None]
        return [at for one in item for at in empty(one, f"{path}.{name}")]
    return empty(item, f"{path}.{name}")
