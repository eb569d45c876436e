"""A number is usual, doubtful, or none that anybody has; and what it looks like if it is not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from wherry.units import conversion
from wherry_devices.mapping.ages import Band, Span, band_of, limits
from wherry_devices.mapping.identity import identifier_of
from wherry_devices.mapping.reading import Reading, Withheld
from wherry_devices.mapping.vitals import PANELS, SUSPECT, VITALS

IMPLAUSIBLE = "implausible"
PULSE_PRESSURE = "pulse-pressure"
OTHER_UNIT = "unit-doubtful"
"""The mark, and the reason, of a number that would be usual in another unit of its kind."""


def _span(low: str, high: str) -> Span:
    return Decimal(low), Decimal(high)


# What a number in the first unit of a kind looks like in a unit that is often taken for it: a
# fraction for per cent, degF for Cel (Genes 2013, PMC3881102), mmol/L of glucose for mg/dL.
_IN_ANOTHER: Mapping[str, Span] = {
    "spo2": _span("0.01", "1"),
    "body_temp": _span("86", "113"),
    "skin_temp": _span("68", "113"),
    "height": _span("0.3", "2.72"),
    **dict.fromkeys(
        ("cgm_mass", "glucose_mass", "glucose_blood_mass", "glucose_plasma_mass"),
        _span("0.6", "33.3"),
    ),
    **dict.fromkeys(
        ("cgm_moles", "glucose_moles", "glucose_blood_moles", "glucose_plasma_moles"),
        _span("36", "600"),
    ),
}
_PULSE_PRESSURE = _span("15", "120")


def judged(
    kind: str, value: Decimal, ucum: str, band: Band | None = None
) -> tuple[str, ...] | None:
    """Marks: none for a usual value, SUSPECT for an unusual one; None for one that nobody has.

    Without a band the age is not known: what only a child can have is kept, and doubted.
    """
    amount = _amount(kind, value, ucum)
    if amount is None:
        return None
    known = limits(kind, band)
    if not _within(amount, known.possible):
        return None
    if other_unit(kind, value, ucum):
        return SUSPECT, OTHER_UNIT
    return () if _within(amount, known.usual) else (SUSPECT,)


def other_unit(kind: str, value: Decimal, ucum: str) -> bool:
    """Whether it is what the same amount would be in a unit that is often taken for this one."""
    amount = _amount(kind, value, ucum)
    return kind in _IN_ANOTHER and amount is not None and _within(amount, _IN_ANOTHER[kind])


def pressure_doubted(readings: Sequence[Reading]) -> bool:
    """Whether systolic and diastolic lie so close, or so far apart, that the cuff is to blame."""
    values = {one.kind: one.value for one in readings}
    systolic, diastolic = values.get("bp_systolic"), values.get("bp_diastolic")
    if systolic is None or diastolic is None:
        return False
    return not _within(systolic - diastolic, _PULSE_PRESSURE)


def doubted(one: Reading | Withheld) -> Reading | Withheld:
    """A part of a blood pressure that the cuff is to blame for."""
    if isinstance(one, Withheld):
        return one
    others = [word for word in one.quality if word != SUSPECT]
    return replace(one, quality=(SUSPECT, PULSE_PRESSURE, *others))


def of_age(readings: Sequence[Reading], born: str) -> tuple[list[Reading], list[Withheld]]:
    """The readings of a person who was born then, by the limits of their age at each.

    Nothing changes where the date of birth leaves the age open. A panel of which a part is none
    that this person can have goes as a whole.
    """
    bands = {at: band_of(born, at) for at in {one.instant.date() for one in readings}}
    if not born or not any(bands.values()):
        return list(readings), []
    made: list[Reading] = []
    withheld: list[Withheld] = []
    lost = set()
    for one in readings:
        again = _again(one, bands[one.instant.date()])
        if again is None:
            withheld.append(Withheld(IMPLAUSIBLE, one.at, one.kind))
            lost.add(_panel(one))
        else:
            made.append(again)
    if lost - {""}:
        made = [one for one in made if _panel(one) not in lost or not _panel(one)]
    return made, withheld


def _again(one: Reading, band: Band | None) -> Reading | None:
    if one.value is None or one.comparator or band is None or one.deleted:
        return one
    marks = judged(one.kind, one.value, one.ucum, band)
    if marks is None:
        return None
    others = [word for word in one.quality if word not in (SUSPECT, OTHER_UNIT)]
    if PULSE_PRESSURE in others and not marks:
        marks = (SUSPECT,)
    return replace(one, quality=(*marks, *others))


def _panel(one: Reading) -> str:
    panel = VITALS[one.kind].panel
    return identifier_of(one).get("value", "") if panel in PANELS else ""


def _amount(kind: str, value: Decimal, ucum: str) -> Decimal | None:
    convert = conversion(ucum, VITALS[kind].units[0])
    return None if convert is None else convert(value)


def _within(amount: Decimal, span: Span) -> bool:
    return span[0] <= amount <= span[1]
