"""Which numbers a person of an age can have; what an adult cannot have, a child may."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from wherry_devices.mapping.vitals import VITALS

Span = tuple[Decimal, Decimal]
_YEAR = Decimal("365.25")


@dataclass(frozen=True, slots=True)
class Limits:
    """Outside of `possible` a number is an error; outside of `usual` it is kept and doubted."""

    possible: Span
    usual: Span


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """People younger than `until` days and of no band before.

    Kinds that it says nothing of have the limits of adults.
    """

    name: str
    until: Decimal
    limits: Mapping[str, Limits]


def _limits(**kinds: tuple[str, str, str, str]) -> Mapping[str, Limits]:
    """Lowest possible, lowest usual, highest usual, highest possible of each kind."""
    found = {}
    for kind, texts in kinds.items():
        least, low, high, most = map(Decimal, texts)
        found[kind] = Limits((least, most), (low, high))
    return found | {"heart_rate_resting": found["heart_rate"]}


# Usual: heart and breathing rates hold the ranges that PALS, EPLS and APLS give awake children and
# the medians of Fleming et al., Lancet 2011; 377:1011 (web appendix, boxes 1 and 2), widened for
# sleep, fever and play. Pressures: around the limits of hypotension of PALS (60, 70, 70 + 2 a year,
# 90 mm[Hg]) and well over those of the AAP guideline 2017. Weights and heights: wide around the WHO
# standards 2006 and the CDC charts 2000, newborns from 24 weeks on; not taken from their tables.
# Possible: engineering. All of it proposals, to be signed off by a clinician.
BANDS: tuple[Band, ...] = (
    Band("neonate", Decimal(28), _limits(
        heart_rate=("30", "70", "230", "300"), resp_rate=("5", "20", "80", "150"),
        bp_systolic=("20", "45", "110", "200"), bp_diastolic=("8", "18", "75", "150"),
        bp_mean=("12", "25", "90", "170"), weight=("0.3", "0.5", "6", "10"),
        height=("20", "28", "62", "80"),
    )),
    Band("infant", _YEAR, _limits(
        heart_rate=("30", "70", "225", "300"), resp_rate=("5", "18", "75", "130"),
        bp_systolic=("25", "60", "125", "220"), bp_diastolic=("10", "28", "82", "150"),
        bp_mean=("15", "38", "98", "180"), weight=("0.5", "2", "14", "25"),
        height=("25", "42", "86", "110"),
    )),
    Band("toddler", 3 * _YEAR, _limits(
        heart_rate=("30", "60", "215", "300"), resp_rate=("4", "14", "62", "110"),
        bp_systolic=("30", "65", "135", "240"), bp_diastolic=("15", "30", "88", "160"),
        bp_mean=("18", "40", "105", "190"), weight=("3", "6.5", "22", "40"),
        height=("45", "64", "112", "130"),
    )),
    Band("preschool", 6 * _YEAR, _limits(
        heart_rate=("25", "52", "210", "300"), resp_rate=("4", "12", "52", "100"),
        bp_systolic=("30", "68", "140", "250"), bp_diastolic=("15", "32", "92", "170"),
        bp_mean=("20", "42", "110", "200"), weight=("5", "9", "40", "70"),
        height=("60", "80", "132", "150"),
    )),
    Band("school", 12 * _YEAR, _limits(
        heart_rate=("20", "42", "210", "300"), resp_rate=("3", "10", "45", "90"),
        bp_systolic=("35", "70", "160", "270"), bp_diastolic=("18", "35", "105", "180"),
        bp_mean=("22", "45", "125", "220"), weight=("8", "13", "95", "200"),
        height=("75", "95", "175", "205"),
    )),
    Band("adolescent", 18 * _YEAR, _limits(
        heart_rate=("20", "35", "220", "300"), resp_rate=("3", "8", "40", "80"),
        bp_systolic=("40", "72", "200", "300"), bp_diastolic=("20", "38", "120", "200"),
        bp_mean=("25", "48", "150", "250"), weight=("15", "22", "200", "350"),
        height=("90", "115", "212", "250"),
    )),
    Band("adult", Decimal("Infinity"), {}),
)  # fmt: skip
ADULT = BANDS[-1]


def band_of(born: str, on: date) -> Band | None:
    """The band of a person on a day, by a FHIR date of birth; None when that leaves it open."""
    ends = _ends(born)
    if ends is None or on < ends[0]:
        return None
    found = {_band(max((on - end).days, 0)).name: _band(max((on - end).days, 0)) for end in ends}
    return next(iter(found.values())) if len(found) == 1 else None


@cache
def limits(kind: str, band: Band | None) -> Limits:
    """The limits of a kind. Of somebody whose age nobody knows a child's numbers are possible."""
    vital = VITALS[kind]
    adult = Limits(vital.possible, vital.usual)
    if band is not None:
        return band.limits.get(kind, adult)
    spans = [one.limits[kind].possible for one in BANDS if kind in one.limits]
    lows, highs = zip(*spans, vital.possible, strict=True)
    return Limits((min(lows), max(highs)), vital.usual)


def _band(days: int) -> Band:
    return next(band for band in BANDS if days < band.until)


def _ends(born: str) -> tuple[date, date] | None:
    """The first and the last day that a date of any precision means."""
    parts = born.split("-")
    try:
        if len(parts) == 3:
            return (date.fromisoformat(born),) * 2
        first = date(int(parts[0]), int(parts[1]) if len(parts) > 1 else 1, 1)
    except ValueError:
        return None
    last = date(first.year + 1, 1, 1) if len(parts) == 1 else _next_month(first)
    return first, date.fromordinal(last.toordinal() - 1)


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)
