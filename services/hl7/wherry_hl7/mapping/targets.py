"""`hospitalization.admitSource` becomes a function that writes there, as R4 says it is written."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.r4 import tables as r4

Out = dict[str, Any]

_ELEMENT = "Element"  # what _birthDate is: the extensions of a primitive
Put = Callable[[Out, Any], None]


@dataclass(frozen=True, slots=True)
class Target:
    """An element: its steps, its FHIR type and whether it repeats."""

    steps: tuple[str, ...]
    type: str
    many: bool

    @property
    def name(self) -> str:
        """The last step: the JSON property."""
        return self.steps[-1]

    @property
    def primitive(self) -> bool:
        """Whether the value is a JSON string, number or boolean."""
        return bool(self.type) and self.type[0].islower()


def target(text: str, base: str) -> Target:
    """Find an element of the R4 type `base`. Raises: Failure(INVALID) at to."""
    steps = tuple(text.split("."))
    type_, many = base, False
    for n, step in enumerate(steps):
        property_ = r4.type_(type_).meant(step)
        if property_ is None:
            raise Failure(Kind.INVALID, f"{type_} has no element {step}", at="to")
        type_, many = (_ELEMENT, False) if step[0] == "_" else (property_.type, property_.many)
        if many and n < len(steps) - 1:
            raise Failure(
                Kind.INVALID, f"{step} repeats; write it whole with in: and beside:", at="to"
            )
    return Target(steps, type_, many)


def put(where: Target) -> Put:
    """A function that writes a value: added to what repeats, else only where nothing is yet."""
    *parents, name = where.steps
    write = _adder(name) if where.many else _setter(name)
    if not parents:
        return write

    def nested(out: Out, value: Any) -> None:
        for step in parents:
            out = out.setdefault(step, {})
        write(out, value)

    return nested


def holds(where: Target) -> Callable[[Out], bool]:
    """A function that says whether something is there."""
    *parents, name = where.steps

    def has(out: Out) -> bool:
        for step in parents:
            out = out.get(step, {})
        return name in out

    return has


def _setter(name: str) -> Put:
    def once(out: Out, value: Any) -> None:
        if name not in out:
            out[name] = value

    return once


def _adder(name: str) -> Put:
    def add(out: Out, value: Any) -> None:
        held = out.get(name)
        more = value if isinstance(value, list) else [value]
        if held is None:
            out[name] = list(more)
        else:
            out[name] = [*held, *(one for one in more if one not in held)]

    return add
