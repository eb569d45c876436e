"""Which segments belong to which order, dose or drug, by where they stand in the order's group."""

from collections.abc import Iterator

from wherry.hl7.segment import Segment
from wherry_hl7.grammar.tree import Group
from wherry_hl7.translate.at import At

# Segments that begin something of their own: what follows belongs to it.
_HEADS = frozenset({"ORC", "OBR", "RXO", "RXE", "RXD", "RXG", "RXA", "RXV", "RQD", "ODS", "ODT"})


def order_group(at: At) -> Group:
    """The group of the order's ORC, else the present one."""
    group: Group | None = at.group
    while group is not None:
        if group.first("ORC") is not None:
            return group
        group = None if group.apart else group.parent
    return at.group


def following(name: str, segment: Segment, at: At) -> list[Segment]:
    """The segments of this name that follow a segment, before anything else begins.

    Several RXA stand before the RXR that is of all of them.
    """
    return list(_after(segment, name, at))


def of_order(name: str, segment: Segment, at: At) -> list[Segment]:
    """The segments of this name of an order's detail: those that follow it, else its ORC."""
    found = following(name, segment, at)
    orc = order_group(at).first("ORC")
    if found or orc is None or orc is segment:
        return found
    return following(name, orc, at)


def _after(segment: Segment, name: str, at: At) -> Iterator[Segment]:
    found = False
    for one in _members(order_group(at), at):
        if found and one.name in _HEADS and not (one.name == segment.name == "RXA"):
            return
        if found and one.name == name:
            yield one
        found = found or one is segment


def _members(group: Group, at: At) -> list[Segment]:
    known: list[Segment] | None = at.scope.memory.get(("members", id(group)))
    if known is None:
        known = at.scope.memory["members", id(group)] = list(_below(group))
    return known


def _below(group: Group) -> Iterator[Segment]:
    for member in group.members:
        if isinstance(member, Segment):
            yield member
        elif not member.apart:
            yield from _below(member)
