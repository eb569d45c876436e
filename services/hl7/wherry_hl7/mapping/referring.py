"""A datatype that is a resource of its own is made once a message, and referred to after that."""

from typing import Any, NamedTuple

from wherry.resource import Identifier
from wherry_hl7.mapping.compiler import Convert
from wherry_hl7.mapping.identifying import Identify
from wherry_hl7.mapping.plain_steps import Step
from wherry_hl7.mapping.rule import DatatypeMap, many
from wherry_hl7.mapping.steps import Steps

# Who and where: the same few hundred come in message after message. Nobody of them is a patient.
_PUBLIC = frozenset({"Location", "Organization", "Practitioner"})
_MOST_KNOWN = 4096


class _Read(NamedTuple):
    """What a text says: elements and identifier; `refers` are the steps that make others of it."""

    elements: dict[str, Any]
    identifier: Identifier | None
    refers: tuple[Step, ...]


def referring(name: str, said: DatatypeMap, steps: Steps, known_by: Identify) -> Convert:
    """Compile a datatype map with a resource into `(rep, at, **with) -> Reference or None`."""
    resource, needs, weak = said.resource, many(said.needs), many(said.weak)
    known: dict[Any, _Read] = {}

    def read(rep: Any, at: Any) -> _Read:
        out: dict[str, Any] = {}
        refers = []
        for step in steps.of(rep.parts, divided=rep.divided):
            before = at.scope.referred
            step(rep, out, at)
            if at.scope.referred != before:
                refers.append(step)
        return _Read(out, known_by(rep, at), tuple(refers))

    def recalled(rep: Any, at: Any) -> _Read:
        """What was read from the same text of the same sender before, if it was read in silence.

        The other resources that it refers to are made again: they are not in this message yet.
        """
        scope = at.scope
        if resource not in _PUBLIC or not scope.standard or "\\" in rep.raw:
            return read(rep, at)
        key = (rep.raw, scope.facility, scope.systems, scope.zone)
        found = known.get(key)
        if found is not None:
            for step in found.refers:
                step(rep, {}, at)
            return found._replace(elements=_copied(found.elements))
        noticed, entries = scope.noticed, len(at.draft.entries)
        found = read(rep, at)
        if noticed == scope.noticed and (found.refers or entries == len(at.draft.entries)):
            if len(known) >= _MOST_KNOWN:
                known.clear()
            known[key] = found._replace(elements=_copied(found.elements))
        return found

    def convert(rep: Any, at: Any, **with_: Any) -> Any:
        at.scope.referred += 1
        remembered = (name, rep.raw, *with_.values())
        if remembered in at.scope.memory:
            return at.scope.memory[remembered]
        out, identifier, _ = recalled(rep, at)
        said_enough = bool(out) and (not needs or any(element in out for element in needs))
        reference = at.refer(resource, identifier, out, weak) if identifier or said_enough else None
        at.scope.memory[remembered] = reference
        return reference

    return convert


def _copied(value: Any) -> Any:
    """A copy all the way down of what is made of dicts, lists and texts."""
    if isinstance(value, dict):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value
