"""A structure → how often each segment must and may come in each of its groups."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from wherry_hl7.grammar.plan import Node, Plan, plan_of


@dataclass(frozen=True, slots=True)
class Demand:
    """One member of a group: its names (several for a choice), what is missing without it."""

    names: tuple[str, ...]
    low: int
    high: int
    segment: str


@dataclass(frozen=True, slots=True)
class Demands:
    """What a structure asks for, by the path of each group, and the plan it was read from."""

    plan: Plan
    groups: Mapping[str, tuple[Demand, ...]]


@cache
def demands_of(structure: str, *, newer: bool) -> Demands:
    """The demands of a structure as the standard has it."""
    plan = plan_of(structure, strict=True, newer=newer)
    return Demands(plan, dict(_groups(plan.root)))


def _groups(node: Node) -> Iterator[tuple[str, tuple[Demand, ...]]]:
    merged: dict[tuple[str, ...], Demand] = {}
    for child in node.children:
        part, known = child.part, merged.get(child.part.names)
        low, high = (known.low, known.high) if known else (0, 0)
        merged[part.names] = Demand(part.names, low + part.low, high + part.high, _anchor(child))
        if child.children:
            yield from _groups(child)
    yield node.path, tuple(each for each in merged.values() if each.low or each.high < 2)


def _anchor(node: Node) -> str:
    """The first segment that a part cannot be without: what is missing when the part is."""
    while node.children:
        needed = [child for child in node.children if child.part.low]
        node = (needed or node.children)[0]
    return " or ".join(node.part.names)
