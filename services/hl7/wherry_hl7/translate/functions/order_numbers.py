"""The numbers of an order (ORC-2 and 3, OBR-2 and 3) become what the order is known by."""

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from wherry.fhir.identity import full_url, key, search_url
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.grammar.tree import Group
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.converters.identifiers import of_ei

# Kind, field (the same in ORC and OBR) and identifier type; the first one that there is counts.
# Source: HL7 v2.5.1 §4.5.1.2, §4.5.1.3; table 0203
_KINDS = (("placer", 2, "PLAC"), ("filler", 3, "FILL"))

# What is asked for and what is made of it: one order, where one ORC heads both.
_OF_ONE_ORC = frozenset({"RXO", "RXE"})

DETAILS = {"OBR": 4, "RXO": 1, "RXE": 2, "RXD": 2, "RXG": 4, "RQD": 2, "ODS": 3, "ODT": 2}
"""Segments that say what is ordered, and the field with its code."""


class Number(NamedTuple):
    """One number of an order: its kind, its authority as it was sent, and the Identifier."""

    kind: str
    authority: str
    identifier: Identifier

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes it the same number, in this message."""
        return self.kind, self.authority, self.identifier["value"]


def orc_of(segment: Segment, at: At) -> Segment | None:
    """The ORC of the order that a segment is of."""
    return segment if segment.name == "ORC" else at.near("ORC")


@function("order_identity")
def order_identity(segment: Segment, at: At) -> Identifier:
    """The placer's number, else the filler's, else the message.

    A number that several orders of the message have names each of them only together with what is
    ordered. Source: HL7 v2.5.1 §4.5.1.2, §4.5.1.3.
    """
    if segment.name not in _OF_ONE_ORC:
        return _identity(segment, at)
    orc = orc_of(segment, at)
    known: Identifier | None = at.scope.memory.get(("order", id(orc)))
    if known is None:
        known = at.scope.memory["order", id(orc)] = _identity(segment, at)
    return known


def _identity(segment: Segment, at: At) -> Identifier:
    named = numbers(segment, at)
    if not named:
        at.scope.warn(segment.name, "no placer or filler number; known by its message only")
        within = key("message", at.scope.message_key, _service(segment))
        return {"system": at.scope.own("order"), "value": at.draft.unique(within)}
    if named[0].key not in _shared(at):
        return named[0].identifier
    one = _of_service(named[0], segment, at)
    return {"system": one["system"], "value": at.draft.unique(one["value"])}


@function("order_names")
def order_names(segment: Segment, out: Resource, at: At, resource: str = "ServiceRequest") -> None:
    """Its numbers, and each together with what is ordered, for a number that others have too.

    By all of them a later message may find it: the first may know the placer's number alone.
    """
    first: Identifier = out["identifier"][0]
    named = numbers(segment, at)
    shared = _shared(at)
    plain = [one.identifier for one in named]
    ours = [_of_service(one, segment, at) for one in named] if _service(segment) else []
    systems = {first["system"]}
    out["identifier"] = [
        first,
        *(one for one in plain if one != first),
        *(one for one in ours if one["system"] not in systems),
    ]
    names = [*ours, *(one.identifier for one in named if one.key not in shared)]
    others = {search_url(resource, one): None for one in names if one["system"] not in systems}
    url = full_url(resource, first["system"], first["value"])
    at.draft.known_as[url] = (*at.draft.known_as.get(url, ()), *others)


def numbers(segment: Segment, at: At) -> tuple[Number, ...]:
    """The placer's and the filler's number, those that were sent."""
    known: tuple[Number, ...] | None = at.scope.memory.get(("numbers", id(segment)))
    if known is None:
        orc = orc_of(segment, at)
        made = (_number(kind, segment, orc, at) for kind in _KINDS)
        known = tuple(one for one in made if one is not None)
        at.scope.memory["numbers", id(segment)] = known
    return known


def _number(
    kind: tuple[str, int, str], segment: Segment, orc: Segment | None, at: At
) -> Number | None:
    name, field, type_ = kind
    rep = _rep(field, segment, orc)
    identifier = of_ei(rep, at.scope, type_=type_, default=name) if rep is not None else None
    return Number(name, rep[2] or rep[3], identifier) if rep is not None and identifier else None


def _rep(field: int, segment: Segment, orc: Segment | None) -> Rep | None:
    for one in (segment if segment.name == "OBR" else None, orc):
        if one is not None and one.field(field):
            return one[field].first
    return None


def _service(segment: Segment) -> str:
    field = DETAILS.get(segment.name)
    if field is None:
        return ""
    code = segment[field].first
    return token(code[1] or code[2] or code[4] or code[5])


def _of_service(one: Number, segment: Segment, at: At) -> Identifier:
    value = key(one.kind, one.identifier["value"], one.authority, _service(segment))
    return {"system": at.scope.own(f"{one.kind}-order"), "value": value}


def _shared(at: At) -> frozenset[tuple[str, str, str]]:
    """The numbers that more than one order of the message has."""
    known: frozenset[tuple[str, str, str]] | None = at.scope.memory.get("shared numbers")
    if known is None:
        root = at.group
        while root.parent is not None:
            root = root.parent
        times = Counter(one for group in _orders(root) for one in _raw_numbers(*group))
        known = frozenset(one for one, many in times.items() if many > 1)
        at.scope.memory["shared numbers"] = known
    return known


def _orders(group: Group, orc: Segment | None = None) -> Iterator[tuple[Segment, Segment | None]]:
    """Each order of the message: its OBR with its ORC, or its ORC alone."""
    own = group.first("ORC")
    obrs = group.all("OBR")
    yield from ((obr, own or orc) for obr in obrs)
    if own is not None and not any(one.name == "OBR" for one in group.segments()):
        yield own, own
    for member in group.members:
        if isinstance(member, Group):
            inside = None if member.apart else own or (None if obrs else orc)
            yield from _orders(member, inside)


def _raw_numbers(segment: Segment, orc: Segment | None) -> Iterator[tuple[str, str, str]]:
    for name, field, _ in _KINDS:
        rep = _rep(field, segment, orc)
        if rep is not None and (value := rep[1].strip()):
            yield name, rep[2] or rep[3], value
