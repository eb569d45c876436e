"""A value becomes what a rule says: itself, a part of an object, an extension."""

from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.r4 import tables as r4
from wherry_hl7.mapping import targets
from wherry_hl7.mapping.rule import Rule


def wrapped(rule: Rule, where: targets.Target) -> targets.Put:
    """A function that writes a rule's value at its target. Raises: Failure(INVALID) at in."""
    store = targets.put(where)
    beside: dict[str, Any] = {"url": rule.url, **rule.beside} if rule.url else dict(rule.beside)
    inside = rule.in_
    if not inside:
        if beside:
            raise Failure(Kind.INVALID, "beside needs in", at="in")
        return store
    name, _, below = inside.partition(".")
    property_ = r4.type_(where.type).meant(name)
    if property_ is None:
        raise Failure(Kind.INVALID, f"{where.type} has no element {name}", at="in")
    put_inside = targets.put(targets.target(inside, where.type))
    listed = property_.many or bool(below)

    def put(out: dict[str, Any], value: Any) -> None:
        for one in value if isinstance(value, list) and not listed else [value]:
            made = dict(beside)
            put_inside(made, one)
            store(out, made)

    return put


def inner(rule: Rule, where: targets.Target) -> targets.Target:
    """The element that the value itself goes to, inside or not."""
    return targets.target(rule.in_, where.type) if rule.in_ else where
