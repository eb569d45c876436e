"""The groups of one message: a tree that holds every segment once, in the order they came."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from wherry.hl7.segment import Segment

# Groups that say nothing of what is around them: earlier results, maybe of another patient.
# Source: HL7 v2.5.1 §4.4.6 (OML_O21, PRIOR_RESULT)
_APART = frozenset({"PRIOR_RESULT"})


@dataclass(slots=True, eq=False)
class Group:
    """One repetition of a group, or the whole message.

    `path` is where it is in the structure, such as PATIENT_RESULT/ORDER_OBSERVATION; empty for the
    message itself, whose name is the structure's. `repeats`: whether there may be several of it.
    """

    name: str
    parent: "Group | None"
    path: str = ""
    repeats: bool = False
    members: list["Segment | Group"] = field(default_factory=list)

    def __repr__(self) -> str:
        inside = ", ".join(m.name if isinstance(m, Segment) else repr(m) for m in self.members)
        return f"{self.name}({inside})"

    @property
    def apart(self) -> bool:
        """Whether nothing around it counts in it, such as the order in its prior results."""
        return self.name in _APART

    def first(self, name: str) -> Segment | None:
        """The first segment of this name among the members; not in groups below."""
        for member in self.members:
            if member.name == name and isinstance(member, Segment):
                return member
        return None

    def all(self, name: str) -> list[Segment]:
        """Every segment of this name among the members, in order; not in groups below."""
        return [m for m in self.members if m.name == name and isinstance(m, Segment)]

    def groups(self, name: str) -> list["Group"]:
        """Every group of this name among the members, in order."""
        return [m for m in self.members if m.name == name and isinstance(m, Group)]

    def below(self, name: str) -> Iterator["Group"]:
        """Every group of this name at any depth, in order."""
        for member in self.members:
            if isinstance(member, Group):
                if member.name == name:
                    yield member
                yield from member.below(name)

    def near(self, name: str) -> Segment | None:
        """The segment of this name that counts for this group.

        The first in it, else in the groups around it, from inside outwards; there also in the last
        group before that is of another kind, such as the PATIENT beside an ORDER.
        """
        here: Group | None = self
        inner: Group | None = None
        while here is not None:
            found = here.first(name) or _beside(here, inner, name)
            if found is not None or here.apart:
                return found
            here, inner = here.parent, here
        return None

    def segments(self) -> Iterator[Segment]:
        """Every segment in it and below, in order."""
        for member in self.members:
            if isinstance(member, Segment):
                yield member
            else:
                yield from member.segments()


@dataclass(slots=True, eq=False)
class Grouped:
    """A message by its groups. Iterating gives (group, segment) in the order of the message.

    `misplaced` are the segments that the structure has no place for where they came: they are with
    the group that was open or, where that is near, in the one they belong to.
    """

    root: Group
    placed: list[tuple[Group, Segment]] = field(default_factory=list)
    misplaced: list[Segment] = field(default_factory=list)

    def __iter__(self) -> Iterator[tuple[Group, Segment]]:
        return iter(self.placed)

    def __len__(self) -> int:
        return len(self.placed)


def notes_of(group: Group, segment: Segment) -> list[Segment]:
    """The NTE segments that follow this segment in its group.

    What only says more of it, or its timing, may stand between.
    """
    found: list[Segment] = []
    after = False
    for member in group.members:
        if after and isinstance(member, Group) and member.name.startswith("TIMING"):
            continue
        if after and member.name != "NTE":
            if not found and member.name in _SAYS_MORE:
                continue
            break
        if after and isinstance(member, Segment):
            found.append(member)
        after = after or member is segment
    return found


# Segments of the same thing as the one before: its demographics, its participants, its access.
_SAYS_MORE = frozenset({"PD1", "PRT", "ARV", "TCD", "SID"})


def _beside(group: Group, inner: Group | None, name: str) -> Segment | None:
    """The last segment of this name in the groups before `inner` that are no repetition of it."""
    found: Segment | None = None
    for member in group.members if inner else ():
        if member is inner:
            break
        if isinstance(member, Group) and inner is not None and _counts_beside(member, inner):
            found = next((s for s in member.segments() if s.name == name), found)
    return found


def _counts_beside(group: Group, inner: Group) -> bool:
    """Whether it is of another kind, or a repetition that nothing heads: results without order."""
    return group.name != inner.name or isinstance(group.members[0], Group)
