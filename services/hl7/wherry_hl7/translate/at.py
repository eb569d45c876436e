"""Where the engine is in a message: what the functions that maps name may ask."""

from typing import Any

from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.grammar.tree import Group, notes_of
from wherry_hl7.translate.draft import Draft, Made
from wherry_hl7.translate.scope import Scope

Environment = dict[str, Made]


class At:
    """One group of the message, the resources in sight there, and the segment being translated.

    `deletes` and `weak` collect what the present segment takes back and what only fills gaps;
    `here` holds what the maps that ran before at this very segment have made, by type.
    """

    __slots__ = (
        "_near",
        "deletes",
        "draft",
        "environment",
        "group",
        "here",
        "scope",
        "segment",
        "weak",
    )

    def __init__(self, group: Group, environment: Environment, draft: Draft, scope: Scope) -> None:
        self.group = group
        self.environment = environment
        self.draft = draft
        self.scope = scope
        self.segment: Segment = scope.message.msh
        self.deletes: list[str] = []
        self.weak: list[str] = []
        self.here: Environment = {}
        self._near: dict[str, Segment | None] = {}

    def near(self, name: str) -> Segment | None:
        """The first segment of this name in this group, else in those around it: looked up once."""
        if name not in self._near:
            self._near[name] = self.group.near(name)
        return self._near[name]

    def all(self, name: str) -> list[Segment]:
        """Every segment of this name in the nearest group that has one."""
        group: Group | None = self.group
        while group is not None:
            if found := group.all(name):
                return found
            group = None if group.apart else group.parent
        return []

    def notes(self) -> list[Segment]:
        """The NTE segments that follow the present one."""
        return notes_of(self.group, self.segment)

    def within(self, name: str) -> bool:
        """Whether this is in a group of this name."""
        return name in self.group.path.split("/")

    def find(self, type_: str) -> Made | None:
        """The resource of this type that is in sight here: the last one made before."""
        return self.environment.get(type_)

    def refer(
        self, type_: str, identifier: Identifier | None, elements: Resource, weak: tuple[str, ...]
    ) -> Reference:
        """A reference to a resource of its own; without an identifier, one by its name alone."""
        display = shown(elements)
        if identifier is None:
            return {"type": type_, **({"display": display} if display else {})}
        more = [one for one in elements.get("identifier", ()) if one != identifier]
        said = {**elements, "identifier": [identifier, *more]}
        resource = self.scope.stamped(type_, said)
        made = self.draft.add(resource, identifier, weak=weak)
        return {**made.reference, **({"display": display} if display else {})}


def shown(elements: Resource) -> str:
    """What a resource is called for people: its name as one text."""
    name: Any = elements.get("name", "")
    if isinstance(name, list):
        name = name[0] if name else {}
        parts = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", "")]
        return name.get("text") or " ".join(filter(None, [*parts, *name.get("suffix", ())]))
    return str(name)
