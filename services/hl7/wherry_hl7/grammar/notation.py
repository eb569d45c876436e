"""The notation of the structure tables → parts: `PATIENT?(PID PD1? NTE*) <OBR RXO>`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MANY = 1_000_000_000
"""How often a part may come that may come without end."""

_LIMITS = {"": (1, 1), "?": (0, 1), "*": (0, MANY), "+": (1, MANY), "-": (0, 0)}
_TOKEN = re.compile(
    r"(?P<name>\w+|<[^>]+>)(?P<limit>[?*+-]|\{-?\d+,-?\d+\})?(?P<open>\()?|(?P<close>\))"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A segment (no members) or a group, and how often it may come.

    A choice of segments has several names. `heads` are segments that begin a group besides those
    that its members say; a `closed` group is begun by its heads alone.
    """

    names: tuple[str, ...]
    low: int
    high: int
    members: tuple["Part", ...] = ()
    heads: frozenset[str] = frozenset()
    closed: bool = False

    @property
    def name(self) -> str:
        """The name of a group or of the one segment."""
        return self.names[0]


def limits(text: str) -> tuple[int, int]:
    """Lowest and highest number that a mark such as `?` or `{0,3}` allows."""
    if text in _LIMITS:
        return _LIMITS[text]
    low, high = text.strip("{}").split(",")
    return int(low), MANY if int(high) < 0 else int(high)


def parts(text: str) -> tuple[Part, ...]:
    """The parts that a line of the tables describes. Raises: ValueError for unbalanced groups."""
    tokens = _TOKEN.finditer(text)
    return tuple(_parts(tokens, closing=False))


def _parts(tokens: Iterator[re.Match[str]], *, closing: bool) -> Iterator[Part]:
    for token in tokens:
        if token["close"]:
            if closing:
                return
            break
        names = tuple(token["name"].strip("<>").split())
        members = tuple(_parts(tokens, closing=True)) if token["open"] else ()
        yield Part(names, *limits(token["limit"] or ""), members)
    else:
        if not closing:
            return
    raise ValueError("a group of the structure tables is not closed, or closed twice")
