"""What stands at a value's places becomes a number in a UCUM unit, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wherry.units import conversion
from wherry_devices.mapping import numbers
from wherry_devices.mapping.names import name_of
from wherry_devices.mapping.plausible import IMPLAUSIBLE, OTHER_UNIT, judged, other_unit
from wherry_devices.mapping.template import Bounds, Compiled, Value
from wherry_devices.mapping.vitals import VITALS, kind_of, kinds

NOT_A_NUMBER = "not-a-number"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, or a code of data-absent-reason; `said` is what the source said if it is not it.

    `marks` say why the number is doubted.
    """

    kind: str
    value: Decimal | None
    ucum: str
    unit_raw: str
    comparator: str = ""
    absent: str = ""
    said: Decimal | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unknown:
    """A unit that is in no table: nobody knows how much the number is."""

    unit: str


Outcome = Quantity | Unknown | str


def taken_back(rule: Value) -> Quantity:
    """What is left of a measurement that its source deleted."""
    kind = kinds(rule.kind)[0]
    ucum = VITALS[kind].units[0]
    return Quantity(kind, None, ucum, ucum, absent="unknown")


def of(measure: Any, payload: Any, rule: Value, compiled: Compiled) -> Outcome:
    """The quantity of one measure by its rule; a text is the reason why it cannot be used."""
    raw = compiled.get(rule.number, measure, payload)
    if raw is None:
        return numbers.ABSENT
    unit_raw = rule.unit or name_of(compiled.get(rule.unit_from, measure, payload))
    ucum = rule.unit or rule.units.get(unit_raw) or compiled.template.units.get(unit_raw, "")
    kind = kind_of(rule.kind, ucum)
    if not kind:
        return Unknown(unit_raw)
    beyond = _beyond(measure, payload, rule.bounds, compiled)
    if beyond is not None:
        comparator, limits = beyond
        if ucum not in limits:
            return Unknown(unit_raw)
        return Quantity(kind, Decimal(limits[ucum]), ucum, unit_raw, comparator)
    number = _number(raw, measure, payload, rule, compiled)
    absent = _absent(raw, number, rule, kind)
    if absent:
        return Quantity(kind, None, VITALS[kind].units[0], unit_raw, absent=absent)
    return NOT_A_NUMBER if number is None else _placed(kind, number, ucum, unit_raw, rule)


def _placed(kind: str, number: Decimal, ucum: str, unit_raw: str, rule: Value) -> Outcome:
    """The number at its resolution and in a unit that its kind may have."""
    value = number
    if rule.quantum:
        value = numbers.quantised(value, Decimal(rule.quantum))
    if rule.resolution:
        value = numbers.rounded(value, Decimal(rule.resolution))
    if ucum not in VITALS[kind].units:
        convert = conversion(ucum, VITALS[kind].units[0])
        if convert is None:
            return Unknown(unit_raw)
        value, ucum = numbers.converted(value, convert), VITALS[kind].units[0]
    marks = judged(kind, value, ucum)
    if marks is None:
        return OTHER_UNIT if other_unit(kind, value, ucum) else IMPLAUSIBLE
    said = number if value != number else None
    return Quantity(kind, numbers.plain(value), ucum, unit_raw, said=said, marks=marks)


def _number(
    raw: Any, measure: Any, payload: Any, rule: Value, compiled: Compiled
) -> Decimal | None:
    if rule.exponent:
        return numbers.scaled(raw, compiled.get(rule.exponent, measure, payload))
    number = numbers.parsed(raw) if rule.text else numbers.decimal(raw)
    return number.scaleb(rule.shift) if number is not None and rule.shift else number


def _absent(raw: Any, number: Decimal | None, rule: Value, kind: str) -> str:
    """Why a device sent a number, or one of IEEE's special values, that stands for none."""
    text = name_of(raw)
    if text in rule.absent:
        return rule.absent[text]
    if number is None:
        return numbers.SPECIAL.get(text, "")
    return "unknown" if number in VITALS[kind].never else ""


def _beyond(
    measure: Any, payload: Any, bounds: Bounds | None, compiled: Compiled
) -> tuple[str, Mapping[str, str]] | None:
    """The comparator and its limits by unit, when the source says so; else None."""
    if bounds is None:
        return None
    comparator = bounds.names.get(name_of(compiled.get(bounds.at, measure, payload)), "")
    return (comparator, bounds.limits[comparator]) if comparator else None
