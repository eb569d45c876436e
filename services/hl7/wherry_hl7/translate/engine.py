"""A grouped message and its plan become a draft: each map is run where its segment stands."""

from dataclasses import dataclass, field

from wherry.errors import Failure, Kind
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.grammar.tree import Group
from wherry_hl7.mapping.making import Maker
from wherry_hl7.mapping.plan import Plan
from wherry_hl7.translate.at import At, Environment
from wherry_hl7.translate.draft import Draft, Made
from wherry_hl7.translate.scope import Scope

# What stands once in its group: whom and which visit all around it is about. A second one there
# would give what follows to somebody else.
_ONCE = frozenset({"PID", "PV1"})


@dataclass(slots=True)
class Run:
    """One message on its way through: what functions before and after the walk may see.

    `made` is what came of a segment, by its id() and the type of the resource.
    """

    root: Group
    plan: Plan
    draft: Draft
    scope: Scope
    made: dict[tuple[int, str], Made] = field(default_factory=dict)

    def walk(self) -> None:
        """Go through the message in document order.

        What a group makes is in sight of all that comes after it in the group around it, until a
        repetition of that group begins. Raises: what a map's function raises.
        """
        for hook in self.plan.before:
            hook(self)
        self._group(self.root, {})
        for hook in self.plan.after:
            hook(self)

    def _group(self, group: Group, environment: Environment) -> None:
        at = At(group, environment, self.draft, self.scope)
        for member in group.members:
            if isinstance(member, Group):
                self._group(member, _in_sight(member, environment))
            elif member.name in _ONCE and group.first(member.name) is not member:
                at.scope.warn(member.name, "one too many for this kind of message; not mapped")
            else:
                at.here = {}
                for maker in self.plan.makers(group.path, member.name):
                    self.make(maker, member, at)

    def make(self, maker: Maker, segment: Segment, at: At) -> Made | None:
        """Run one map at one segment; None when nothing came of it."""
        scope = at.scope
        at.segment = segment
        if maker.when is not None and not maker.when(segment, at):
            return None
        if maker.into:
            return _added(maker, segment, at)
        at.deletes, at.weak = [], []
        noticed = len(scope.warnings)
        identifier = maker.identify(segment, at)
        if not identifier:  # an empty one: somebody else says it already
            if identifier is None and len(scope.warnings) == noticed:
                scope.warn(segment.name, f"nothing names this {maker.resource}; left out")
            return None
        elements: Resource = {"identifier": [identifier]}
        _run(maker, segment, elements, at)
        for keys in maker.required:
            if keys[0] not in elements and not any(key in elements for key in keys):
                scope.warn(segment.name, f"no {keys[0]}; this {maker.resource} is left out")
                return None
        _take(maker, segment, at)
        weak = self.plan.weak.get(maker.resource, maker.weak)
        made = at.draft.add(
            scope.stamped(maker.resource, elements),
            identifier,
            deletes=tuple(at.deletes),
            weak=(*weak, *at.weak) if at.weak else weak,
        )
        if not maker.hidden:
            at.environment[maker.resource] = at.here[maker.resource] = made
        self.made[id(segment), maker.resource] = made
        _append(maker, made, at)
        return made


def _in_sight(group: Group, environment: Environment) -> Environment:
    """What a group sees of what was made before it; prior results only whose they are."""
    if group.apart:
        return {type_: made for type_, made in environment.items() if type_ == "Patient"}
    return dict(environment) if group.repeats else environment


def _run(maker: Maker, segment: Segment, out: Resource, at: At) -> None:
    """The steps of a map, without those whose field was not sent."""
    for step in maker.steps.of(segment.fields):
        step(segment, out, at)


def _added(maker: Maker, segment: Segment, at: At) -> Made | None:
    """More of a resource that was made before."""
    made = at.find(maker.into)
    if made is None:
        return None
    at.deletes, at.weak = [], []
    _run(maker, segment, made.resource, at)
    _take(maker, segment, at)
    if at.deletes:
        url = made.entry["fullUrl"]
        at.draft.deletes[url] = (*at.draft.deletes.get(url, ()), *at.deletes)
    return made


def _take(maker: Maker, segment: Segment, at: At) -> None:
    at.scope.take(segment, maker.fields)
    for name, fields in maker.foreign:
        near = at.near(name)
        for one in at.all(name) or ([near] if near is not None else ()):
            at.scope.take(one, fields)


def _append(maker: Maker, made: Made, at: At) -> None:
    """Note the new resource in the one above it that lists it, such as DiagnosticReport.result."""
    for type_, element in maker.append:
        above = at.find(type_)
        if above is None:
            continue
        mark = ("listed", id(above), element, id(made))  # a set: reports have hundreds of results
        if mark not in at.scope.memory:
            at.scope.memory[mark] = None
            above.resource.setdefault(element, []).append(made.reference)
        return


def refuse_without(plan: Plan, scope: Scope) -> None:
    """Raise Failure(UNPROCESSABLE) when a segment that the plan needs is not in the message."""
    there = {segment.name for segment in scope.message.segments}
    for name in plan.needs if scope.sender.unidentified else (*plan.needs, *plan.wants):
        if name not in there:
            raise Failure(Kind.UNPROCESSABLE, f"no {name} segment", at=name)
