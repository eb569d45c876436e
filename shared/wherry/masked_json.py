"""JSON becomes its shape: keys and what says which code system or type, each other value an x."""

from typing import Any

_SHOWN = frozenset({"resourceType", "system", "url", "method", "status", "use"})
_PUBLIC_URLS = ("http://hl7.org/", "urn:wherry:")
_MASK = "x"


def masked_json(value: Any, key: str = "") -> Any:
    """The same structure without any value that may tell of a patient."""
    if isinstance(value, dict):
        return {name: masked_json(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked_json(inner, key) for inner in value]
    if value is None or (key in _SHOWN and isinstance(value, str) and _is_public(value, key)):
        return value
    return _MASK


def _is_public(text: str, key: str) -> bool:
    """The url of an extension is one of the standard or our own; others may lead to a patient."""
    return key != "url" or text.startswith(_PUBLIC_URLS)
