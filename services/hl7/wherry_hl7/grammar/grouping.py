"""The segments of a message → its groups; every segment once, in order, whatever the structure."""

from collections.abc import Sequence

from wherry.hl7.segment import Segment
from wherry_hl7.grammar.plan import PRIOR, Node, Plan, Step, plan_of
from wherry_hl7.grammar.search import ASIDE, STAY, step
from wherry_hl7.grammar.tree import Group, Grouped

_PRIOR_ORDER = "ORDER_PRIOR"
_NOW, _THEN = "ORC now", "ORC prior"  # an ORC whose side is known, where a message has both


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
    for segment in segments:
        name = segment.name
        if plan.has_prior and name == "ORC":
            name = _side(segment, stack)
        way = here.steps.get(name) or _learn(plan, here, name)
        if way.leaf is not None:
            here = way.leaf
            del stack[way.keep :]
            for node in way.opens:
                opened = Group(node.part.names[0], stack[-1], node.path)
                stack[-1].members.append(opened)
                stack.append(opened)
        if way.misplaced:
            grouped.misplaced.append(segment)
        current = stack[-1]
        current.members.append(segment)
        placed.append((current, segment))
    return grouped


def _learn(plan: Plan, here: Node, name: str) -> Step:
    """Look a step up and remember it; names that the structure does not know are not remembered."""
    plain = name.partition(" ")[0]
    if plain not in plan.names:
        return STAY if plain.startswith("Z") else ASIDE
    sides = {_NOW: lambda leaf: not leaf.prior, _THEN: lambda leaf: leaf.prior}
    found = step(here, plain, sides.get(name, lambda _: True))
    if found is ASIDE and plain != name:
        found = _learn(plan, here, plain)
    here.steps[name] = found
    return found


def _side(orc: Segment, stack: list[Group]) -> str:
    """Whether this ORC is of now or of earlier: by its code PR, or unlike the earlier ones'.

    Source: HL7 table 0119, PR: previous results with new order.
    """
    prior = next((group for group in stack if group.name == PRIOR), None)
    control = orc.text(1).strip().upper()
    if control == "PR":
        return _THEN
    told = prior.groups(_PRIOR_ORDER) if prior else []
    if not told:
        return "ORC" if prior else _NOW
    before = told[0].first("ORC")
    same = before is not None and before.text(1).strip().upper() == control
    return "ORC" if same else _NOW
