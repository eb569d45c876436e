"""Two weeks of a sensor's glucose become the summary of the HL7 guide: a panel and its members."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from wherry.fhir import bundle
from wherry.resource import CodeableConcept, Resource
from wherry_devices.mapping.days import Window, day_of
from wherry_devices.mapping.derived import (
    Derivation,
    Derived,
    category,
    identifier,
    loinc,
    mean,
    observation,
    quantity,
    to,
)
from wherry_devices.mapping.stored import Fact

DAYS = 14
_CGM = "http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-summary"
_RULE = "cgm-summary 1"
_METHOD = f"Summary of {DAYS} days of sensor glucose"
_LEAST_ACTIVE = Decimal(70)
"""Per cent of two weeks that a sensor must have measured. Source: Battelino 2019, consensus."""
_FROM_MMOL = Decimal("18.0156")
_INTERVALS = range(1, 16)
"""Minutes between two readings of a sensor."""

# Below which value a range ends, and whether the value itself belongs to it; in each unit by its
# own round numbers, since 10.0 mmol/L is in range. Source: Battelino 2019; codes: CGM guide 1.0.
_RANGES = (
    ("104642-4", "Time below glucose threshold, very low", ("54", "3.0"), False),
    ("104641-6", "Time below glucose threshold, low", ("70", "3.9"), False),
    ("97510-2", "Time in range", ("180", "10.0"), True),
    ("104640-8", "Time above glucose threshold, high", ("250", "13.9"), True),
    ("104639-0", "Time above glucose threshold, very high", ("Infinity", "Infinity"), True),
)
_MEAN = {
    "mg/dL": ("97507-8", "mean-glucose-mass-per-volume", "Mean glucose", "0.1"),
    "mmol/L": ("105273-7", "mean-glucose-moles-per-volume", "Mean glucose", "0.01"),
}
CODES = (
    "97507-8",
    "105273-7",
    "106793-3",
    "97506-0",
    "104638-2",
    "104636-6",
    "104637-4",
    "107931-8",
)
"""The LOINC codes of the members and of the panel."""
_MEMBERS = (
    "mean-glucose",
    "times-in-ranges",
    "gmi",
    "coefficient-of-variation",
    "days-of-wear",
    "sensor-active-percentage",
)


def glucose_summary(facts: Iterable[Fact], patient: str, window: Window) -> Derivation:
    """The summary of a window of two weeks, or that there is none.

    Values off the sensor's scale are in no mean, but make the times in ranges what they are.
    Source: CGM guide 1.0.0; GMI after Bergenstal 2018.
    """
    found = _once(one for one in facts if one.averaged and window.holds(one))
    names = {name: identifier(patient, "cgm-summary", name) for name in ("", *_MEMBERS)}
    measured = [one for one in found if not one.comparator]
    if len(measured) < 2 or (active := _active(found)) < _LEAST_ACTIVE:
        return Derivation(_RULE, gone=tuple(names.values()))
    worn = len({day_of(one, window.zone) for one in found})
    bodies = _members(found, measured, active, worn)
    bodies[""] = (
        _CGM,
        loinc("107931-8", "Continuous glucose monitoring summary panel - Reporting Period"),
        {"hasMember": [bundle.to("Observation", names[name]) for name in _MEMBERS]},
    )
    about = {
        "category": [category("laboratory")],
        "effectivePeriod": {"start": window.first.isoformat(), "end": window.last.isoformat()},
    }
    made = []
    for name, (profile, code, body) in bodies.items():
        one = observation(names[name], patient, _RULE, found, _METHOD) | about | body
        one["meta"]["profile"] = [profile]
        made.append(Derived(one | {"code": code}, _RULE, tuple(found)))
    return Derivation(_RULE, tuple(made))


_Body = tuple[str, CodeableConcept, Resource]


def _members(
    found: Sequence[Fact], measured: Sequence[Fact], active: Decimal, worn: int
) -> dict[str, _Body]:
    mass = [_mass(one) for one in measured]
    middle = mean(mass)
    spread = (sum(((one - middle) ** 2 for one in mass), Decimal(0)) / (len(mass) - 1)).sqrt()
    unit = found[-1].ucum
    code, profile, display, step = _MEAN[unit]
    shown = middle if unit == "mg/dL" else middle / _FROM_MMOL
    gmi = Decimal("3.31") + Decimal("0.02392") * middle
    return {
        "mean-glucose": (
            f"{_CGM}-{profile}",
            loinc(code, display),
            quantity(to(shown, step), unit),
        ),
        "times-in-ranges": (
            f"{_CGM}-times-in-ranges",
            loinc("106793-3", "Continuous glucose monitoring time in ranges panel"),
            {"component": _in_ranges(found)},
        ),
        "gmi": (
            f"{_CGM}-gmi",
            loinc("97506-0", "Glucose management indicator"),
            quantity(to(gmi, "0.1"), "%"),
        ),
        "coefficient-of-variation": (
            f"{_CGM}-coefficient-of-variation",
            loinc("104638-2", "Coefficient of variation of glucose"),
            quantity(to(spread * 100 / middle, "0.1"), "%"),
        ),
        "days-of-wear": (
            f"{_CGM}-days-of-wear",
            loinc("104636-6", "Continuous glucose monitoring duration of use"),
            quantity(Decimal(worn), "d"),
        ),
        "sensor-active-percentage": (
            f"{_CGM}-sensor-active-percentage",
            loinc("104637-4", "Continuous glucose monitoring sensor wear time active"),
            quantity(to(active, "0.1"), "%"),
        ),
    }


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """One reading a minute, in order of time: two apps may pass on what one sensor said."""
    found: dict[int, Fact] = {}
    for one in sorted(facts, key=lambda one: one.name):
        found.setdefault(int(one.instant.timestamp()) // 60, one)
    return [found[minute] for minute in sorted(found)]


def _active(found: Sequence[Fact]) -> Decimal:
    """Per cent of the two weeks in which the sensor said something, by how often it does."""
    gaps = (round((b.instant - a.instant) / timedelta(minutes=1)) for a, b in pairwise(found))
    common = Counter(gap for gap in gaps if gap in _INTERVALS)
    if not common:
        return Decimal(0)
    every = min(common, key=lambda gap: (-common[gap], gap))
    return min(Decimal(100), Decimal(100 * len(found) * every) / (DAYS * 24 * 60))


def _in_ranges(found: Sequence[Fact]) -> list[Resource]:
    counts = Counter(_range(one) for one in found)
    return [
        {
            "code": loinc(code, display),
            **quantity(to(Decimal(100 * counts[code]) / len(found), "0.01"), "%"),
        }
        for code, display, _, _ in _RANGES
    ]


def _range(one: Fact) -> str:
    """The range of a value; one that is beyond the sensor's scale is in that beyond it."""
    if one.comparator:
        return _RANGES[0 if "<" in one.comparator else -1][0]
    for code, _, ends, itself in _RANGES:
        end = Decimal(ends[one.ucum == "mmol/L"])
        if one.value < end or (itself and one.value == end):
            return code
    return _RANGES[-1][0]


def _mass(one: Fact) -> Decimal:
    return one.value * _FROM_MMOL if one.ucum == "mmol/L" else one.value
