"""Plans that note which rule wrote what, and the list of it for one message."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from wherry.hl7.segment import Segment
from wherry_hl7.mapping import paths
from wherry_hl7.mapping.plain_steps import Step
from wherry_hl7.mapping.rule import Rule

TRACE = "trace"


@dataclass(frozen=True, slots=True)
class Written:
    """A rule that wrote: the segment's place in the message, the field, the element, file:line."""

    segment: int
    field: int
    element: str
    rule: str


def traced(step: Step, rule: Rule, resource: str, line: str) -> Step:
    """The step of a segment map's rule, which notes what it wrote in the memory of the message."""
    sources = [where for where in map(paths.path, rule.sources) if where.segment]

    def run(source: Any, out: dict[str, Any], at: Any) -> None:
        before = deepcopy(out) if rule.fn else {}
        after = out if rule.fn else {}
        if not rule.fn:
            step(source, after, at)  # alone, for what is there already would hide what it says
        step(source, out, at)
        changed = [name for name in after if name not in before or after[name] != before[name]]
        if not changed:
            return
        element = f"{resource}.{rule.to or changed[0]}"
        for where in sources:
            for segment in _segments(where.segment, source, at):
                if segment.field(where.field):
                    place = _place(segment, at)
                    note = Written(place, where.field, element, line)
                    at.scope.memory.setdefault(TRACE, {})[note] = None

    return run


def written(memory: Mapping[Any, Any]) -> list[Written]:
    """What was noted, in the order of the message."""
    found: dict[Written, None] = memory.get(TRACE, {})
    return sorted(found, key=lambda one: (one.segment, one.field))


def _segments(name: str, source: Any, at: Any) -> list[Segment]:
    if isinstance(source, Segment) and source.name == name:
        return [source]
    near = at.near(name)
    return [near] if near is not None else []


def _place(segment: Segment, at: Any) -> int:
    for number, one in enumerate(at.scope.message.segments):
        if one is segment:
            return number
    return -1
