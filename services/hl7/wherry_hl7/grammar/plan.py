"""A structure → a plan: its places as nodes that know their parents and what came to follow."""

from dataclasses import dataclass, field
from functools import cache
from typing import Optional

from wherry_hl7.grammar.notation import Part
from wherry_hl7.grammar.structures import structure

PRIOR = "PRIOR_RESULT"
"""The group of results of earlier, beside the order that they are told for (HL7 v2.5.1 §4.4.6)."""


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """How to get from one place to the next segment's: what stays open, what opens, where it is.

    `leaf` is None when the segment has no place there: it stays with what is open. `late` is the
    same place in the group that is open, for a step that would begin another: it is taken when the
    open group began with a segment and still lacks this one, as an ORC does that awaits its OBR.
    """

    keep: int
    opens: tuple["Node", ...]
    leaf: Optional["Node"]
    misplaced: bool
    late: Optional["Step"] = None


@dataclass(slots=True, eq=False)
class Node:
    """One place of a structure: a segment's or a group's. `steps` remembers what was looked up."""

    part: Part
    parent: Optional["Node"]
    at: int
    path: str
    depth: int
    prior: bool
    children: list["Node"] = field(default_factory=list)
    steps: dict[str, Step] = field(default_factory=dict)

    @property
    def has_groups(self) -> bool:
        """Whether groups are among its members: a record with parts, not a line with its notes."""
        return any(child.children for child in self.children)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A structure ready for grouping. `start` is the place before its first segment."""

    root: Node
    start: Node
    names: frozenset[str]
    has_prior: bool


@cache
def plan_of(name: str, *, strict: bool = False, newer: bool = False) -> Plan:
    """The plan of a structure, made once."""
    root = _node(structure(name, strict=strict, newer=newer), None, 0, "")
    start = Node(Part(("",), 0, 0), root, -1, "", 0, False)
    names: set[str] = set()
    has_prior = _collect(root, names)
    return Plan(root, start, frozenset(names), has_prior)


def _node(part: Part, parent: Node | None, at: int, path: str) -> Node:
    depth = parent.depth + 1 if parent else 0
    prior = bool(parent and parent.prior) or part.name == PRIOR
    node = Node(part, parent, at, path, depth, prior)
    for number, member in enumerate(part.members):
        below = f"{path}/{member.name}".lstrip("/") if member.members else path
        node.children.append(_node(member, node, number, below))
    return node


def _collect(node: Node, names: set[str]) -> bool:
    """Gather the names of all segments; say whether there are prior results."""
    if not node.children:
        names.update(node.part.names)
        return False
    found = [_collect(child, names) for child in node.children]
    return any(found) or node.part.name == PRIOR
