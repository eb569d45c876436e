"""Averages, summaries and baselines: of the person's own days, of numbers that count."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.devices.harness import NOW

from wherry.codec import encode
from wherry.fhir.check import problems
from wherry_devices.mapping.baseline import baseline, late
from wherry_devices.mapping.days import by_day, length
from wherry_devices.mapping.reading import DeviceKey, OffsetOrigin, Origin, Reading
from wherry_devices.mapping.summaries import daily_pressures, glucose_summary

BERLIN = ZoneInfo("Europe/Berlin")
DEVICE = DeviceKey("demo", "device", "d-1")
UNITS = {"bp_systolic": "mm[Hg]", "bp_diastolic": "mm[Hg]", "cgm_mass": "mg/dL", "weight": "kg"}


def one(kind: str, value: str | None, at: datetime, **more: object) -> Reading:
    """A made-up reading."""
    known = {
        "source": "demo",
        "kind": kind,
        "value": None if value is None else Decimal(value),
        "ucum": UNITS.get(kind, ""),
        "unit_raw": UNITS.get(kind, ""),
        "instant": at,
        "offset_origin": OffsetOrigin.SOURCE,
        "origin": Origin.DEVICE,
        "device": DEVICE,
        "account": None,
    }
    return Reading(**(known | more))  # type: ignore[arg-type]


def pressure(sys: str, dia: str, at: datetime) -> list[Reading]:
    return [one("bp_systolic", sys, at), one("bp_diastolic", dia, at)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    assert length(day, BERLIN) == timedelta(hours=hours)
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    found = by_day(
        (one("weight", "70", start + timedelta(hours=n)) for n in range(-1, hours + 1)), BERLIN
    )
    assert [len(found[d]) for d in sorted(found)] == [1, hours, 1]


def test_a_days_pressures_are_averaged_and_the_average_names_what_it_is_of() -> None:
    at = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
    readings = [
        *pressure("120", "80", at - timedelta(hours=14)),
        *pressure("131", "85", at),
        *pressure("200", "110", at + timedelta(hours=1)),
    ]

    [mean] = daily_pressures(readings, {"reference": "Patient/p1"}, BERLIN)

    assert [part["valueQuantity"]["value"] for part in mean["component"]] == [
        Decimal("125.5"),
        Decimal("82.5"),
    ]
    assert len(mean["derivedFrom"]) == 2
    assert [tag["code"] for tag in mean["meta"]["tag"]] == ["derived"]
    assert problems(mean) == []
    again = [*reversed(readings), *readings]
    assert encode(daily_pressures(again, {"reference": "Patient/p1"}, BERLIN)) == encode([mean])


@pytest.mark.parametrize(
    "more",
    [
        {"origin": Origin.MANUAL},
        {"origin": Origin.DERIVED},
        {"demo": True},
        {"deleted": True},
        {"quality": ("suspect",)},
        {"absent": "error"},
        {"comparator": ">"},
    ],
)
def test_what_does_not_count_is_in_no_average_and_no_baseline(more: dict[str, object]) -> None:
    value = None if "absent" in more else "90"
    odd = [one("weight", value, NOW - timedelta(days=n), **more) for n in range(8)]

    assert by_day(odd, BERLIN) == {}
    assert baseline(odd, "weight", until=NOW, zone=BERLIN) is None


def weights(values: Iterable[str]) -> list[Reading]:
    return [one("weight", value, NOW - timedelta(days=n)) for n, value in enumerate(values)]


def test_a_baseline_is_the_median_and_one_odd_number_does_not_move_it() -> None:
    readings = weights(["70.0", "70.4", "69.8", "70.2", "95.0", "70.1"])

    found = baseline(readings * 2, "weight", until=NOW, zone=BERLIN)

    assert found is not None
    assert (found.median, found.mad, found.readings, found.days) == (
        Decimal("70.15"),
        Decimal("0.20"),
        6,
        6,
    )
    assert found.strayed(Decimal("72.15"), accuracy=Decimal("0.5")) == Decimal(4)


@pytest.mark.parametrize("values", [["70"] * 4, []])
def test_too_little_makes_no_baseline(values: list[str]) -> None:
    assert baseline(weights(values), "weight", until=NOW, zone=BERLIN) is None


def test_many_readings_of_one_day_make_no_baseline() -> None:
    readings = [one("weight", "70", NOW - timedelta(minutes=n)) for n in range(9)]

    assert baseline(readings, "weight", until=NOW, zone=BERLIN) is None


def test_what_comes_a_day_late_is_late() -> None:
    reading = one("weight", "70", NOW - timedelta(hours=25))

    assert late(reading, NOW)
    assert not late(reading, NOW - timedelta(hours=2))


def test_two_weeks_of_glucose_are_summed_up() -> None:
    start = NOW - timedelta(days=15)
    readings = [
        one("cgm_mass", str(100 + 100 * (n % 2)), start + timedelta(hours=n)) for n in range(360)
    ]

    found = glucose_summary(readings, {"reference": "Patient/p1"}, BERLIN)

    assert found is not None
    parts = {part["code"]["text"]: part["valueQuantity"]["value"] for part in found["component"]}
    assert parts["Mean glucose"] == Decimal("150.0")
    assert parts["Time in range"] == Decimal("50.0")
    assert parts["Glucose management indicator"] == Decimal("6.9")
    assert parts["Coefficient of variation"] == Decimal("33.4")
    assert problems(found) == []
    assert glucose_summary(readings[:200], {"reference": "Patient/p1"}, BERLIN) is None
