"""Answers hold no null and no empty element, except the lists that CDS Hooks lets be empty."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry.errors import Failure, Kind

# Source: CDS Hooks 2.0, Use of JSON; CDS Service Response; Discovery Response
MAY_BE_EMPTY = frozenset({"cards", "services"})


def empty_elements(value: Any, at: str = "") -> list[str]:
    """The paths of every null, empty text, empty list and empty object in `value`."""
    if isinstance(value, Mapping):
        inner = [(f"{at}.{name}".lstrip("."), each) for name, each in value.items()]
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = [(f"{at}[{index}]", each) for index, each in enumerate(value)]
    else:
        return [at] if value is None or value == "" else []
    if not inner:
        return [] if at in MAY_BE_EMPTY else [at]
    return [path for name, each in inner for path in empty_elements(each, name)]


def whole(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The body itself, once it is known to be fit to send. Raises: Failure(FAULT)."""
    if found := empty_elements(body):
        raise Failure(Kind.FAULT, "the answer has an empty element", at=found[0])
    return body
