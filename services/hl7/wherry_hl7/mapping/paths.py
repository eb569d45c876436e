"""`PV1-3.4.1` and `4.1` become small functions that read that place."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from wherry.errors import Failure, Kind
from wherry.hl7.segment import Rep, Segment

_FIELD = re.compile(
    r"(?P<segment>[A-Z][A-Z0-9]{2})-(?P<field>\d+)(?:\.(?P<comp>\d+)(?:\.(?P<sub>\d+))?)?"
)
_COMPONENT = re.compile(r"(?P<comp>\d+)(?:\.(?P<sub>\d+))?")


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a segment (`field` is not 0) or in a repetition (`segment` is empty).

    `component` and `sub` are 0 where the path ends before them.
    """

    text: str
    segment: str = ""
    field: int = 0
    component: int = 0
    sub: int = 0

    @property
    def at(self) -> str:
        """The field, as warnings name it; empty for a component, whose repetition knows it."""
        return f"{self.segment}-{self.field}" if self.segment else ""


def path(text: str) -> Path:
    """Read a path. Raises: Failure(INVALID)."""
    if found := _FIELD.fullmatch(text):
        return Path(
            text,
            found["segment"],
            int(found["field"]),
            int(found["comp"] or 0),
            int(found["sub"] or 0),
        )
    if found := _COMPONENT.fullmatch(text):
        return Path(text, component=int(found["comp"]), sub=int(found["sub"] or 0))
    raise Failure(Kind.INVALID, f"not a field or component: {text}", at="from")


def text_in_segment(where: Path) -> Callable[[Segment, Any], str]:
    """A function `(segment, at)` that reads the text at a field, of the first repetition."""
    number, component, sub = where.field, where.component or 1, where.sub
    if sub:
        return lambda segment, at: segment[number].first.sub(component, sub)
    return lambda segment, at: segment.text(number, component)


def text_in_rep(where: Path) -> Callable[[Rep, Any], str]:
    """A function `(rep, at)` that reads the text at a component; 0 is the whole repetition."""
    if not where.component:
        return lambda rep, at: rep.whole
    component, sub = where.component, where.sub
    if sub:
        return lambda rep, at: rep.sub(component, sub)
    return lambda rep, at: rep[component]


def reps_in_segment(where: Path) -> Callable[[Segment], list[Rep]]:
    """A function that gives the repetitions at a field, or their component as repetitions."""
    number, component = where.field, where.component
    if component:
        return lambda segment: [rep.part(component) for rep in segment[number].reps]
    return lambda segment: segment[number].reps


def reps_in_rep(where: Path) -> Callable[[Rep], list[Rep]]:
    """A function that gives a component as a repetition of its own, its parts as components."""
    component = where.component
    if not component:
        return lambda rep: [rep]
    return lambda rep: [rep.part(component)] if rep.component(component) else []


def fields_of(found: Iterable[Path]) -> dict[str, frozenset[int]]:
    """The fields of some paths, by segment."""
    out: dict[str, frozenset[int]] = {}
    for one in found:
        out[one.segment] = out.get(one.segment, frozenset()) | {one.field}
    return out
