"""The segments of a message → its groups; every segment once, in order, whatever the structure."""

from collections.abc import Sequence

from wherry.hl7.segment import Segment
from wherry_hl7.grammar import sides
from wherry_hl7.grammar.plan import Node, Plan, Step, plan_of
from wherry_hl7.grammar.search import ASIDE, STAY, step
from wherry_hl7.grammar.tree import Group, Grouped


def group(segments: Sequence[Segment], structure: str) -> Grouped:
    """Sort segments into the groups of their structure, such as ORU_R01.

    A segment goes to the nearest place at or after the present one, or begins another repetition of
    a group around it; what the structure does not know stays with the group that is open.
    Source: HL7 v2.5.1 §2.12.
    """
    return along(plan_of(structure), segments)


def along(plan: Plan, segments: Sequence[Segment]) -> Grouped:
    """Sort segments by a plan."""
    root = Group(plan.root.part.name, None)
    grouped = Grouped(root)
    placed, stack, here = grouped.placed, [root], plan.start
    leads = sides.leading(segments) if plan.has_prior else ()
    for number, segment in enumerate(segments):
        name = segment.name
        if plan.has_prior:
            name = sides.named(segment, stack, leads, number)
        way = here.steps.get(name) or _learn(plan, here, name)
        if way.late is not None and _lacks(stack[way.keep], segment.name):
            way = way.late
        if way.leaf is not None:
            here = way.leaf
            _open(stack, way)
        if way.misplaced:
            grouped.misplaced.append(segment)
        stack[-1].members.append(segment)
        placed.append((stack[-1], segment))
    return grouped


def _open(stack: list[Group], way: Step) -> None:
    del stack[way.keep :]
    for node in way.opens:
        opened = Group(node.part.names[0], stack[-1], node.path, node.part.high != 1)
        stack[-1].members.append(opened)
        stack.append(opened)


def _lacks(group: Group, name: str) -> bool:
    return isinstance(group.members[0], Segment) and group.first(name) is None


def _learn(plan: Plan, here: Node, name: str) -> Step:
    """Look a step up and remember it; names that the structure does not know are not remembered."""
    plain, _, side = name.partition(" ")
    if plain not in plan.names:
        return STAY if plain.startswith("Z") else ASIDE
    here.steps[name] = found = step(here, plain, sides.ACCEPTS[side])
    return found
