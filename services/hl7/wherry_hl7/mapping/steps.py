"""The steps of a map, of which only those are run whose sources were sent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from wherry_hl7.mapping.compiler import Level
from wherry_hl7.mapping.plain_steps import Step
from wherry_hl7.mapping.rule import Rule

_MOST_SHAPES = 512
_VALUED = re.compile(r"[A-Z][A-Z0-9]{2}-\d+ valued(?: or [A-Z][A-Z0-9]{2}-\d+ valued)*")

Shape = bytes
"""A 1 for each field or component that holds something."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What a step does nothing without: one of these fields, or of these components.

    `divided`: only a component with subcomponents will do. Without any numbers it always runs.
    """

    numbers: frozenset[int] = frozenset()
    divided: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """All steps of a map in their order, each with its sources."""

    all: tuple[tuple[Sources, Step], ...]
    _shapes: dict[Shape, tuple[Step, ...]] = field(default_factory=dict, repr=False)
    _divided: dict[Shape, tuple[Step, ...]] = field(default_factory=dict, repr=False)

    def of(self, parts: list[str], *, divided: bool = True) -> tuple[Step, ...]:
        """The steps to run where these fields, or components, were sent.

        Feeds repeat a few shapes. `divided` says whether any component has subcomponents.
        """
        shapes = self._divided if divided else self._shapes
        shape = bytes(map(bool, parts))
        known = shapes.get(shape)
        if known is None:
            known = tuple(step for needs, step in self.all if _are_there(needs, shape, divided))
            if len(shapes) < _MOST_SHAPES:
                shapes[shape] = known
        return known


def of_segment(rules: Iterable[Rule], made: Iterable[Step], level: Level) -> Steps:
    """The steps of a segment map by the fields of its segment, whose numbers start at 0."""
    return Steps(
        tuple((_fields(rule, level), step) for rule, step in zip(rules, made, strict=True))
    )


def of_datatype(rules: Iterable[Rule], made: Iterable[Step], level: Level) -> Steps:
    """The steps of a datatype map by the components of a repetition, the first in place 1."""
    return Steps(
        tuple((_components(rule, level), step) for rule, step in zip(rules, made, strict=True))
    )


def _are_there(needs: Sources, shape: Shape, divided: bool) -> bool:
    if not needs.numbers:
        return True
    if needs.divided and not divided:
        return False
    return any(shape[number : number + 1] == b"\1" for number in needs.numbers)


def _fields(rule: Rule, level: Level) -> Sources:
    if _VALUED.fullmatch(rule.when):
        wanted = rule.when.replace(" valued", "").split(" or ")
    elif rule.fn or rule.absent or rule.segments:
        return Sources()
    else:
        wanted = list(rule.sources)
    places = [level.path(text) for text in wanted]
    if any(where.segment != level.segment for where in places):
        return Sources()
    return Sources(frozenset(where.field for where in places))


def _components(rule: Rule, level: Level) -> Sources:
    if rule.fn or rule.absent:
        return Sources()
    places = [level.path(text) for text in rule.sources]
    if not all(where.component for where in places):  # 0 is the whole repetition
        return Sources()
    divided = bool(places) and all(where.sub > 1 for where in places)
    return Sources(frozenset(where.component for where in places), divided)
