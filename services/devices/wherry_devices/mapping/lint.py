"""A template becomes the list of what is wrong with it, before any payload meets it."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from wherry_devices.mapping.reading import Origin
from wherry_devices.mapping.template import Template, Value, expression, expressions
from wherry_devices.mapping.vitals import PANELS, VITALS

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")
_UNITS = frozenset(unit for vital in VITALS.values() for unit in vital.units)
_ORIGINS = frozenset(Origin)


def lint(template: Template) -> list[Finding]:
    """Every problem with the path to it; empty when the template may be used."""
    return [*_names(template), *_expressions(template), *_time(template), *_values(template)]


def _names(template: Template) -> Iterator[Finding]:
    if not _SLUG.fullmatch(template.id):
        yield ("id",), "lower-case letters, digits and hyphens only"
    for name in ("drop", "quarantine"):
        for number, rule in enumerate(getattr(template, name)):
            if not _SLUG.fullmatch(rule.reason):
                yield (name, number, "reason"), "lower-case letters, digits and hyphens only"
    for code in template.codes.keys() & template.ignored.keys():
        yield ("ignored", code), "this code is read, too"
    for raw, ucum in template.units.items():
        if ucum not in _UNITS:
            yield ("units", raw), "no UCUM unit that any kind of reading may have"
    if template.origin is not None:
        wrong = {*template.origin.names.values(), template.origin.otherwise} - _ORIGINS
        if wrong:
            yield ("origin",), f"an origin is one of {', '.join(sorted(_ORIGINS))}"
    if not (template.account or template.device):
        yield ("id",), "neither account nor device: nobody could be found by these readings"


def _expressions(template: Template) -> Iterator[Finding]:
    for path, text in expressions(template):
        if not text:
            continue
        try:
            compiled = expression(text)
        except ValueError as error:
            yield path, str(error)
            continue
        if compiled.functions():
            yield path, "expressions select; they may not call functions"


def _time(template: Template) -> Iterator[Finding]:
    for name in ("time", "modified"):
        time = getattr(template, name)
        if time is None:
            continue
        if bool(time.epoch_s) == bool(time.iso):
            yield (name,), "a time is either epoch_s or iso"
        if bool(time.start_iso) != bool(time.end_iso):
            yield (name,), "an interval needs start_iso and end_iso"


def _values(template: Template) -> Iterator[Finding]:
    kinds = set()
    for code, values in template.codes.items():
        if not values:
            yield ("codes", code), "no reading is made; list the code under ignored"
        for number, value in enumerate(values):
            kinds.add(value.kind)
            for name, text in _value(value, template):
                yield ("codes", code, number, name), text
    for panel in PANELS.values():
        missing = set(panel.kinds) - kinds
        if missing and missing != set(panel.kinds):
            yield ("codes",), f"{', '.join(sorted(missing))} is missing for {panel.display}"


def _value(value: Value, template: Template) -> Iterator[tuple[str, str]]:
    vital = VITALS.get(value.kind)
    if vital is None:
        yield "kind", f"one of {', '.join(VITALS)}"
    elif value.unit and value.unit not in vital.units:
        yield "unit", f"{value.kind} is measured in {', '.join(vital.units)}"
    if not value.number:
        yield "number", "where is the number?"
    if bool(value.unit) == bool(value.unit_from):
        yield "unit", "a unit is either given here or read from unit_from"
    if value.unit_from and not template.units:
        yield "unit_from", "no units are listed that it could be one of"
    if value.quantum and not _power_of_ten(value.quantum):
        yield "quantum", "a power of ten such as 0.01"


def _power_of_ten(text: str) -> bool:
    try:
        return Decimal(text).as_tuple().digits == (1,)
    except InvalidOperation:
        return False
