"""A template becomes the list of what is wrong with it, before any payload meets it."""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from wherry_devices.mapping import offsets
from wherry_devices.mapping.expression import expression
from wherry_devices.mapping.item import EVERY
from wherry_devices.mapping.numbers import parsed
from wherry_devices.mapping.reading import Origin
from wherry_devices.mapping.status import BITS
from wherry_devices.mapping.telemetry import CLOCKS, NAMES
from wherry_devices.mapping.template import Bounds, Template, Value, expressions
from wherry_devices.mapping.times import WAYS
from wherry_devices.mapping.vitals import BY_UNIT, ECG, PANELS, VITALS, kind_of, kinds

Path = tuple[str | int, ...]
Finding = tuple[Path, str]

_SLUG = re.compile(r"[a-z][a-z0-9-]{0,62}")
COMPARATORS = frozenset({"<", "<=", ">=", ">"})
ABSENT_REASONS = frozenset(
    {
        *("unknown", "error", "not-a-number", "positive-infinity", "negative-infinity"),
        *("not-performed", "temp-unknown", "unsupported"),
    }
)
"""Codes of FHIR's data-absent-reason that say what a device says."""
_ORIGINS = frozenset(Origin)
_AMOUNTS = frozenset({"g", "mg", "mL", "s", "min", "h", "%"})


def lint(template: Template) -> list[Finding]:
    """Every problem with the path to it; empty when the template may be used."""
    parts = (_names, _left_out, _status, _amounts, _expressions, _time, _values, _telemetry)
    return [finding for part in parts for finding in part(template)]


def _names(template: Template) -> Iterator[Finding]:
    if not _SLUG.fullmatch(template.id):
        yield ("id",), "lower-case letters, digits and hyphens only"
    for name in ("drop", "quarantine", "hint"):
        for number, rule in enumerate(getattr(template, name)):
            if not _SLUG.fullmatch(rule.reason):
                yield (name, number, "reason"), "lower-case letters, digits and hyphens only"
    for raw, ucum in template.units.items():
        if not any(kind_of(name, ucum) for name in (*VITALS, *BY_UNIT)):
            yield ("units", raw), "no UCUM unit that any kind of reading may have"
    if template.origin is not None:
        wrong = {*template.origin.names.values(), template.origin.otherwise} - _ORIGINS
        if wrong:
            yield ("origin",), f"an origin is one of {', '.join(sorted(_ORIGINS))}"
    if not (template.account or template.device):
        yield ("id",), "neither account nor device: nobody could be found by these readings"


def _left_out(template: Template) -> Iterator[Finding]:
    for code in template.codes.keys() & template.ignored.keys():
        yield ("ignored", code), "this code is read, too"
    for why, codes in template.not_mapped.items():
        for number, code in enumerate(codes):
            if code in template.codes or code in template.ignored:
                yield ("not_mapped", why, number), "this code is read, or ignored, too"


def _status(template: Template) -> Iterator[Finding]:
    for word, bit in template.status.items():
        if word not in BITS:
            yield ("status", word), f"one of {', '.join(BITS)}"
        if set(bit.names.values()) - {"Y", "N"}:
            yield ("status", word), "a device says Y or N"


def _amounts(template: Template) -> Iterator[Finding]:
    for word, one in template.amounts.items():
        if one.unit not in _AMOUNTS:
            yield ("amounts", word), f"one of {', '.join(sorted(_AMOUNTS))}"


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


def _telemetry(template: Template) -> Iterator[Finding]:
    for number, told in enumerate(template.telemetry):
        for name in told.said.keys() - NAMES:
            yield ("telemetry", number, "said", name), f"one of {', '.join(sorted(NAMES))}"
        if not (told.device or told.gateway):
            yield ("telemetry", number), "neither device nor gateway: whom is it about?"
        if len(told.said.keys() & CLOCKS) == 1:
            yield ("telemetry", number, "said"), f"{' and '.join(sorted(CLOCKS))} go together"


def _time(template: Template) -> Iterator[Finding]:
    for name in ("time", "modified"):
        time = getattr(template, name)
        if time is None:
            continue
        told = {way for way in WAYS if getattr(time, way)}
        if not told:
            yield (name,), f"a time is told by one of {', '.join(WAYS)}"
        if time.epoch_s and time.iso:
            yield (name,), "a time is either epoch_s or iso"
        if time.offset_in not in offsets.IN:
            yield (name, "offset_in"), f"one of {', '.join(sorted(offsets.IN - {''}))}"
        if time.display and not time.system:
            yield (name, "display"), "a displayed time needs the system time beside it"
        if time.epoch_local_s and not time.offset:
            yield (name, "epoch_local_s"), "a local time in seconds needs the place of its offset"
        if time.start_iso and not (time.end_iso or time.lasts):
            yield (name,), "an interval needs start_iso, and end_iso or how long it lasts"
        if time.end_iso and not time.start_iso:
            yield (name,), "an interval needs start_iso and end_iso"
        if bool(time.lasts) != bool(time.lasts_in):
            yield (name,), "how long it lasts needs lasts and lasts_in"


def _values(template: Template) -> Iterator[Finding]:
    named = set()
    for code, values in template.codes.items():
        if not values:
            yield ("codes", code), "no reading is made; list the code under ignored"
        for number, value in enumerate(values):
            named.add(value.kind)
            for name, text in _value(value, template):
                yield ("codes", code, number, name), text
    if not template.code and set(template.codes) != {EVERY}:
        yield ("codes",), f'without code there is only "{EVERY}"'
    if template.deleted and not template.code:
        yield ("deleted",), "without code nobody knows what was deleted"
    if ECG in named and template.waves is None:
        yield ("waves",), "a recording needs its frequency and what a count is"
    for panel in PANELS.values():
        missing = set(panel.kinds) - named
        if missing and named & set(panel.all):
            yield ("codes",), f"{', '.join(sorted(missing))} is missing for {panel.display}"


def _value(value: Value, template: Template) -> Iterator[tuple[str, str]]:
    known = kinds(value.kind)
    if not known:
        yield "kind", f"one of {', '.join((*VITALS, *BY_UNIT))}"
    elif value.unit and not kind_of(value.kind, value.unit):
        allowed = [unit for kind in known for unit in VITALS[kind].units]
        yield "unit", f"{value.kind} is measured in {', '.join(allowed)}"
    if value.supplement and value.number:
        yield "number", "a supplement has none"
    if not value.number and not value.supplement:
        yield "number", "where is the number?"
    if not value.supplement and bool(value.unit) == bool(value.unit_from):
        yield "unit", "a unit is either given here or read from unit_from"
    if value.unit_from and not (template.units or value.units):
        yield "unit_from", "no units are listed that it could be one of"
    for raw, ucum in value.units.items():
        if known and not kind_of(value.kind, ucum):
            yield "units", f"{raw}: {value.kind} cannot be in {ucum}"
    for name in ("quantum", "resolution"):
        text = getattr(value, name)
        if text and not _power_of_ten(text):
            yield name, "a power of ten such as 0.01"
    if set(value.absent.values()) - ABSENT_REASONS:
        yield "absent", f"a reason is one of {', '.join(sorted(ABSENT_REASONS))}"
    if value.bounds is not None:
        yield from _bounds(value, value.bounds, template)


def _bounds(value: Value, bounds: Bounds, template: Template) -> Iterator[tuple[str, str]]:
    if set(bounds.names.values()) - COMPARATORS or set(bounds.limits) - COMPARATORS:
        yield "bounds", f"a comparator is one of {', '.join(sorted(COMPARATORS))}"
    said = {value.unit} if value.unit else {*template.units.values(), *value.units.values()}
    possible = {unit for unit in said if kind_of(value.kind, unit)}
    for comparator in sorted(set(bounds.names.values())):
        missing = possible - bounds.limits.get(comparator, {}).keys()
        if missing:
            yield "bounds", f"{comparator} has no limit in {', '.join(sorted(missing))}"
    for limits in bounds.limits.values():
        if any(parsed(text) is None for text in limits.values()):
            yield "bounds", "a limit is a number in the unit that it stands beside"


def _power_of_ten(text: str) -> bool:
    try:
        return Decimal(text).as_tuple().digits == (1,)
    except InvalidOperation:
        return False
