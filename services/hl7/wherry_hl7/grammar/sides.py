"""An ORC, PV1 or AL1 in a message with prior results → whether it is of now or of earlier."""

from collections.abc import Callable, Collection, Mapping, Sequence

from wherry.hl7.segment import Segment
from wherry_hl7.grammar.plan import PRIOR, Node
from wherry_hl7.grammar.tree import Group

NOW, THEN = " now", " prior"
"""What is added to a segment's name when its side is known."""

ACCEPTS: Mapping[str, Callable[[Node], bool]] = {
    NOW.strip(): lambda leaf: not leaf.prior,
    THEN.strip(): lambda leaf: leaf.prior,
    "": lambda _: True,
}
"""Which places a segment may have, by its side."""

_HEADER = frozenset({"PV1", "PV2", "AL1", "PRT", "ROL", "NTE"})
_ORDER, _PRIOR_ORDER = "ORDER", "ORDER_PRIOR"


def named(segment: Segment, stack: Sequence[Group], leads: Collection[int], number: int) -> str:
    """The segment's name with its side where there is a choice."""
    name = segment.name
    if name == "ORC":
        return name + _side_of_orc(segment, stack)
    if name in ("PV1", "AL1"):
        return name + _side_of_header(stack, leads=number in leads)
    return name


def leading(segments: Sequence[Segment]) -> set[int]:
    """The numbers of the visits and allergies that an order follows: those may head prior results.

    Source: HL7 v2.5.1 §4.4.6, PRIOR_RESULT.
    """
    found: set[int] = set()
    before_order = False
    for number in range(len(segments) - 1, -1, -1):
        name = segments[number].name
        if name in _HEADER or name.startswith("Z"):
            if before_order:
                found.add(number)
        else:
            before_order = name in ("ORC", "OBR")
    return found


def _side_of_orc(orc: Segment, stack: Sequence[Group]) -> str:
    """By its code PR, or unlike the code of the prior order before it.

    Source: HL7 table 0119, PR: previous results with new order.
    """
    prior = _open(stack, PRIOR)
    control = orc.text(1).strip().upper()
    if control == "PR":
        return THEN
    told = prior.groups(_PRIOR_ORDER) if prior else []
    if not told:
        return "" if prior else NOW
    before = told[0].first("ORC")
    same = before is not None and before.text(1).strip().upper() == control
    return "" if same else NOW


def _side_of_header(stack: Sequence[Group], *, leads: bool) -> str:
    """A visit or an allergy after an order begins prior results when their order follows."""
    prior = _open(stack, PRIOR)
    if prior and not prior.groups(_PRIOR_ORDER):
        return ""
    return THEN if leads and (prior or _open(stack, _ORDER)) else NOW


def _open(stack: Sequence[Group], name: str) -> Group | None:
    return next((group for group in stack if group.name == name), None)
