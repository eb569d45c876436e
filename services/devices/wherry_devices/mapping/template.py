"""A template is data: which parts of a source's payload are readings of which kind, in which unit.

Expressions are JMESPath without functions. They select and never calculate. One that begins with
`$.` looks at the whole payload, all others at one item.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

_WHOLE = "$."


class Value(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reading of an item: number · 10^exponent, in a fixed `unit` or the one at `unit_from`.

    `quantum` takes trailing zeros away that are the source's encoding and not its precision.
    """

    kind: str
    number: str
    exponent: str = ""
    unit: str = ""
    unit_from: str = ""
    quantum: str = ""


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Items for which `when` is true are not read, for a named reason."""

    when: str
    reason: str


class Time(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where a time is: seconds since 1970, with an IANA zone to show them in; or ISO 8601 texts."""

    epoch_s: str = ""
    zone: str = ""
    iso: str = ""
    start_iso: str = ""
    end_iso: str = ""


class From(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who took the number down, by what the source says."""

    at: str
    names: dict[str, str]
    otherwise: str = "unknown"


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """How the payloads of one source are read; `id` is the name of the source."""

    id: str
    version: str
    title: str
    items: str
    code: str
    codes: dict[str, list[Value]]
    time: Time
    each: str = "[@]"
    ignored: dict[str, str] = {}
    units: dict[str, str] = {}
    account: str = ""
    device: str = ""
    model: str = ""
    manufacturer: str = ""
    record: str = ""
    modified: Time | None = None
    origin: From | None = None
    drop: list[Rule] = []
    quarantine: list[Rule] = []

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of what the template says, for the record of how a reading was made."""
        return sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression."""

    parsed: Any
    whole: bool

    def __call__(self, item: Any, payload: Any) -> Any:
        """What it selects; None when nothing is there."""
        return self.parsed.search(payload if self.whole else item)

    def names(self) -> Iterator[str]:
        """The names of all fields that it looks at."""
        yield from _names(self.parsed.parsed)

    def functions(self) -> bool:
        """Whether it calls a function, which templates may not."""
        return _calls(self.parsed.parsed)


def expression(text: str) -> Expression:
    """Compile one expression. Raises: ValueError with what is wrong."""
    whole = text.startswith(_WHOLE)
    try:
        return Expression(jmespath.compile(text.removeprefix(_WHOLE)), whole)
    except JMESPathError as error:
        raise ValueError(str(error).splitlines()[0]) from None


def expressions(template: Template) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every expression of a template with the path to it; empty ones are left out."""
    for name in ("items", "each", "code", "account", "device", "model", "record"):
        yield (name,), getattr(template, name)
    for name in ("time", "modified"):
        if (time := getattr(template, name)) is not None:
            for part in time.__struct_fields__:
                yield (name, part), getattr(time, part)
    if template.origin is not None:
        yield ("origin", "at"), template.origin.at
    for name in ("drop", "quarantine"):
        for number, rule in enumerate(getattr(template, name)):
            yield (name, number, "when"), rule.when
    for code, values in template.codes.items():
        for number, value in enumerate(values):
            for part in ("number", "exponent", "unit_from"):
                yield ("codes", code, number, part), getattr(value, part)


class Compiled:
    """A template and its expressions, ready to read payloads."""

    __slots__ = ("_compiled", "names", "template")

    def __init__(self, template: Template) -> None:
        self.template = template
        texts = {text for _, text in expressions(template) if text}
        self._compiled: Mapping[str, Expression] = {text: expression(text) for text in texts}
        self.names = frozenset(name for one in self._compiled.values() for name in one.names())

    def get(self, text: str, item: Any, payload: Any) -> Any:
        """What one of the template's expressions selects; None when there is no expression."""
        return self._compiled[text](item, payload) if text else None


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    if node["type"] == "field":
        yield node["value"]
    for child in node["children"]:
        yield from _names(child)


def _calls(node: Mapping[str, Any]) -> bool:
    return node["type"] == "function_expression" or any(map(_calls, node["children"]))
