"""Averages, summaries and baselines: of the person's own days, of numbers that count."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from tests.devices.harness import NOW

from wherry.codec import encode
from wherry.fhir.check import problems
from wherry.fhir.quality import QUALITY
from wherry.resource import Resource
from wherry_devices.mapping.averages import averages
from wherry_devices.mapping.baseline import baseline, late
from wherry_devices.mapping.days import Window, by_day, day_of, length, runs
from wherry_devices.mapping.derived import Derivation
from wherry_devices.mapping.reading import DeviceKey, OffsetOrigin, Origin, Reading
from wherry_devices.mapping.stored import Fact
from wherry_devices.mapping.usual import usual

BERLIN = ZoneInfo("Europe/Berlin")
UNITS = {"bp_systolic": "mm[Hg]", "bp_diastolic": "mm[Hg]", "cgm_mass": "mg/dL", "weight": "kg"}
UNCOUNTED = sorted(tag for tag, use in QUALITY.items() if not use.averaged)
UNUSUAL = sorted(tag for tag, use in QUALITY.items() if not use.usual)


def fact(kind: str, value: str, at: datetime, **more: object) -> Fact:
    """A made-up number of a stored Observation, one for each instant."""
    name = at.astimezone(UTC).isoformat()
    known = {
        "reference": f"Observation/{int(at.timestamp())}",
        "version": "1",
        "name": name,
        "kind": kind,
        "value": Decimal(value),
        "ucum": UNITS.get(kind, ""),
        "instant": at,
        "issued": at,
        "home": True,
    }
    return Fact(**(known | more))  # type: ignore[arg-type]


def pressure(sys: str, dia: str, at: datetime, **more: object) -> list[Fact]:
    return [fact("bp_systolic", sys, at, **more), fact("bp_diastolic", dia, at, **more)]


def on(day: date, zone: ZoneInfo | None = BERLIN, days: int = 1) -> Window:
    return Window(day - timedelta(days=days - 1), day, zone)


def values(derivation: Derivation) -> list[list[str]]:
    """The numbers of each Observation that was made."""
    return [numbers(one.resource) for one in derivation.made]


def numbers(resource: Resource) -> list[str]:
    parts = [resource, *resource.get("component", [])]
    return [str(part["valueQuantity"]["value"]) for part in parts if "valueQuantity" in part]


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)],
)
def test_a_day_is_as_long_as_the_clocks_make_it(day: date, hours: int) -> None:
    assert length(day, BERLIN) == timedelta(hours=hours)
    start = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
    found = by_day(
        (fact("weight", "70", start + timedelta(hours=n)) for n in range(-1, hours + 1)), BERLIN
    )
    assert [len(found[d]) for d in sorted(found)] == [1, hours, 1]


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        # a reading's own offset says where the person was, wherever the site is
        ("2026-03-01T23:30:00-05:00", "Europe/Berlin", date(2026, 3, 1)),
        ("2026-03-02T00:30:00+05:45", None, date(2026, 3, 2)),
        # what stands in UTC is shown in the site's zone, on both sides of a change of clocks
        ("2026-03-28T22:59:59+00:00", "Europe/Berlin", date(2026, 3, 28)),
        ("2026-03-28T23:00:00+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T21:59:59+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", "Europe/Berlin", date(2026, 3, 30)),
        ("2026-10-25T22:59:59+00:00", "Europe/Berlin", date(2026, 10, 25)),
        ("2026-11-01T03:59:59+00:00", "America/New_York", date(2026, 10, 31)),
        ("2026-11-02T04:59:59+00:00", "America/New_York", date(2026, 11, 1)),
        ("2026-03-01T23:30:00+00:00", None, date(2026, 3, 1)),
    ],
)
def test_a_reading_falls_on_the_day_of_the_person(at: str, zone: str | None, day: date) -> None:
    one = fact("weight", "70", datetime.fromisoformat(at))

    assert day_of(one, ZoneInfo(zone) if zone else None) == day
    assert Window(day, day, None).span[0] <= one.instant < Window(day, day, None).span[1]


def test_a_day_that_was_only_named_is_that_day_everywhere() -> None:
    named = fact("weight", "70", datetime(2026, 3, 1, tzinfo=UTC), civil=True)

    assert day_of(named, ZoneInfo("America/New_York")) == date(2026, 3, 1)


def test_days_without_gaps_are_read_at_once_and_never_too_many() -> None:
    first = date(2026, 3, 1)
    days = [first + timedelta(days=n) for n in (0, 1, 2, 3, 7)]

    assert runs([*days, *days], most=3) == [
        (days[0], days[2]),
        (days[3], days[3]),
        (days[4], days[4]),
    ]


def test_a_days_pressures_are_averaged_and_the_average_names_what_it_is_of() -> None:
    at = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)  # 23:30 in Berlin
    readings = [
        *pressure("120", "80", at - timedelta(hours=14)),
        *pressure("131", "85", at),
        *pressure("200", "110", at + timedelta(hours=1)),
    ]

    found = averages(readings, "p1", on(date(2026, 3, 1)))

    assert values(found) == [["125.5", "82.5"]]
    resource = found.made[0].resource
    assert len(resource["derivedFrom"]) == 2
    assert [tag["code"] for tag in resource["meta"]["tag"]] == ["derived"]
    assert problems(resource) == []
    again = averages([*reversed(readings), *readings], "p1", on(date(2026, 3, 1)))
    assert encode([one.resource for one in again.made]) == encode([resource])


@pytest.mark.parametrize(
    "second",
    [
        [],
        [fact("bp_systolic", "130", NOW)],
        pressure("130", "80", NOW, comparator=">"),
        pressure("130", "80", NOW, home=False),
    ],
)
def test_one_whole_measurement_at_home_makes_no_average(second: Sequence[Fact]) -> None:
    found = averages(
        [*pressure("120", "80", NOW - timedelta(hours=1)), *second], "p1", on(NOW.date())
    )

    assert (found.made, len(found.gone)) == ((), 1)


@pytest.mark.parametrize("tag", UNCOUNTED)
def test_what_does_not_count_is_in_no_average(tag: str) -> None:
    tags = frozenset({tag})
    odd = [one for n in range(3) for one in pressure("120", "80", NOW - timedelta(hours=n))]

    day = on(NOW.date())
    assert averages([replace(one, tags=tags) for one in odd], "p1", day).made == ()
    assert averages(odd, "p1", day).made != ()


@pytest.mark.parametrize("tag", [*UNUSUAL, "a-word-that-nobody-weighed"])
def test_what_does_not_count_is_in_no_baseline(tag: str) -> None:
    odd = [replace(one, tags=frozenset({tag})) for one in weights(["90"] * 8)]

    assert baseline(odd, "weight", MONTH) is None


def weights(values: Iterable[str]) -> list[Fact]:
    return [fact("weight", value, NOW - timedelta(days=n)) for n, value in enumerate(values)]


MONTH = on(NOW.date(), days=28)


def test_a_baseline_is_the_median_and_one_odd_number_does_not_move_it() -> None:
    readings = weights(["70.0", "70.4", "69.8", "70.2", "95.0", "70.1"])

    found = baseline(readings * 2, "weight", MONTH)

    assert found is not None
    assert (found.median, found.mad, len(found.facts), found.days) == (
        Decimal("70.15"),
        Decimal("0.20"),
        6,
        6,
    )
    assert found.strayed(Decimal("72.15"), accuracy=Decimal("0.5")) == Decimal(4)


def test_a_baseline_is_stored_under_a_code_of_its_own_that_no_measurement_has() -> None:
    readings = weights(["70.0", "70.4", "69.8", "70.2", "95.0", "70.1"])

    [made] = usual(readings, "p1", MONTH, kinds=["weight"]).made

    assert made.resource["code"]["coding"] == [
        {
            "system": "urn:wherry:devices:baseline",
            "code": "29463-7",
            "display": "Personal baseline of Body weight",
        }
    ]
    assert numbers(made.resource) == ["70.15", "0.20", "6", "6"]
    assert made.resource["effectivePeriod"] == {"start": "2026-02-25", "end": "2026-03-02"}
    assert "category" not in made.resource
    assert problems(made.resource) == []


@pytest.mark.parametrize("values", [["70"] * 4, []])
def test_too_little_makes_no_baseline(values: list[str]) -> None:
    assert baseline(weights(values), "weight", MONTH) is None


def test_many_readings_of_one_day_make_no_baseline() -> None:
    readings = [fact("weight", "70", NOW - timedelta(minutes=n)) for n in range(9)]

    assert baseline(readings, "weight", MONTH) is None


def test_what_is_older_than_four_weeks_is_in_no_baseline() -> None:
    old = [fact("weight", "90", NOW - timedelta(days=28 + n)) for n in range(8)]

    found = baseline([*weights(["70"] * 5), *old], "weight", MONTH)

    assert found is not None
    assert found.median == 70


def test_what_comes_a_day_late_is_late() -> None:
    reading = Reading(
        source="demo",
        kind="weight",
        value=Decimal(70),
        ucum="kg",
        unit_raw="kg",
        instant=NOW - timedelta(hours=25),
        offset_origin=OffsetOrigin.SOURCE,
        origin=Origin.DEVICE,
        device=DeviceKey("demo", "device", "d-1"),
        account=None,
    )

    assert late(reading, NOW)
    assert not late(reading, NOW - timedelta(hours=2))
