"""A payload and the field names of its template become the list of fields that nothing reads."""

from collections.abc import Iterator
from typing import Any

from wherry.resource import Issue

_MOST = 100
_DEEPEST = 20


def unmapped(payload: Any, names: frozenset[str]) -> tuple[Issue, ...]:
    """Places of values under names that the template never mentions, each once, `[]` for any index.

    Empty values are left out. A name that is read in one place counts as read in all.
    """
    found: dict[str, None] = {}
    for at in _leaves(payload, "", names, _DEEPEST):
        found[at] = None
        if len(found) == _MOST:
            break
    return tuple(Issue(at, "not mapped") for at in found)


def _leaves(value: Any, at: str, names: frozenset[str], depth: int) -> Iterator[str]:
    if not depth:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            place = f"{at}.{name}" if at else str(name)
            if isinstance(inner, dict | list):
                yield from _leaves(inner, place, names, depth - 1)
            elif name not in names and inner not in (None, ""):
                yield place
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{at}[]", names, depth - 1)
