"""Two weeks of a sensor's glucose: the panel of the guide and its members."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from tests.devices.harness import NOW
from tests.devices.test_summaries import BERLIN, UNCOUNTED, fact, numbers, on

from wherry.fhir.check import problems
from wherry_devices.mapping.derived import Derivation
from wherry_devices.mapping.glucose import glucose_summary
from wherry_devices.mapping.stored import Fact


def two_weeks(*cycle: str, kind: str = "cgm_mass", ucum: str = "mg/dL") -> list[Fact]:
    """A reading every 15 minutes of the two weeks that end with NOW's day, in turn of these."""
    start = datetime(NOW.year, NOW.month, NOW.day, tzinfo=BERLIN).astimezone(UTC) - timedelta(
        days=13
    )
    return [
        fact(
            kind,
            cycle[n % len(cycle)],
            start.astimezone(UTC) + n * timedelta(minutes=15),
            ucum=ucum,
        )
        for n in range(14 * 96)
    ]


def summary(derivation: Derivation) -> dict[str, list[str]]:
    """Numbers by LOINC code."""
    return {
        one.resource["code"]["coding"][0]["code"]: numbers(one.resource) for one in derivation.made
    }


def test_two_weeks_of_glucose_are_summed_up_in_a_panel_and_its_members() -> None:
    found = glucose_summary(two_weeks("100", "200"), "p1", on(NOW.date(), days=14))

    assert summary(found) == {
        "97507-8": ["150.0"],
        "106793-3": ["0.00", "0.00", "50.00", "50.00", "0.00"],
        "97506-0": ["6.9"],
        "104638-2": ["33.3"],
        "104636-6": ["14"],
        "104637-4": ["100.0"],
        "107931-8": [],
    }
    panel = found.made[-1].resource
    assert len(panel["hasMember"]) == 6
    assert panel["effectivePeriod"] == {"start": "2026-02-17", "end": "2026-03-02"}
    assert [problems(one.resource) for one in found.made[:-1]] == [[]] * 6
    assert problems(panel) == []


@pytest.mark.parametrize(
    ("value", "unit", "place"),
    [
        ("53", "mg/dL", 0),
        ("54", "mg/dL", 1),
        ("69.9", "mg/dL", 1),
        ("70", "mg/dL", 2),
        ("180", "mg/dL", 2),
        ("181", "mg/dL", 3),
        ("250", "mg/dL", 3),
        ("251", "mg/dL", 4),
        ("2.9", "mmol/L", 0),
        ("3.0", "mmol/L", 1),
        ("3.9", "mmol/L", 2),
        ("10.0", "mmol/L", 2),
        ("10.1", "mmol/L", 3),
        ("13.9", "mmol/L", 3),
        ("14.0", "mmol/L", 4),
    ],
)
def test_the_ends_of_the_ranges_are_where_the_consensus_has_them(
    value: str, unit: str, place: int
) -> None:
    kind = "cgm_mass" if unit == "mg/dL" else "cgm_moles"
    readings = two_weeks(value, kind=kind, ucum=unit)

    found = summary(glucose_summary(readings, "p1", on(NOW.date(), days=14)))

    assert [n for n, share in enumerate(found["106793-3"]) if share == "100.00"] == [place]


def test_values_beyond_the_scale_count_for_the_time_but_not_for_the_mean() -> None:
    readings = two_weeks("100", "110")
    low = [replace(one, value=Decimal(40), comparator="<") for one in readings[:96]]

    found = summary(glucose_summary([*low, *readings[96:]], "p1", on(NOW.date(), days=14)))

    assert found["97507-8"] == ["105.0"]
    assert found["106793-3"] == ["7.14", "0.00", "92.86", "0.00", "0.00"]


def test_the_mean_is_told_in_the_unit_of_the_sensor() -> None:
    readings = two_weeks("5.5", "6.5", kind="cgm_moles", ucum="mmol/L")

    found = summary(glucose_summary(readings, "p1", on(NOW.date(), days=14)))

    assert (found["105273-7"], found["97506-0"]) == (["6.00"], ["5.9"])


def test_a_sensor_that_was_mostly_off_makes_no_summary() -> None:
    readings = two_weeks("100")

    enough, little = readings[: 96 * 10], readings[: 96 * 9]

    assert summary(glucose_summary(enough, "p1", on(NOW.date(), days=14)))["104637-4"] == ["71.4"]
    assert glucose_summary(little, "p1", on(NOW.date(), days=14)).made == ()


def test_what_two_apps_pass_on_of_one_sensor_is_counted_once() -> None:
    readings = two_weeks("100", "200")
    again = [
        replace(one, name=f"z{one.name}", instant=one.instant.astimezone(timezone.min))
        for one in readings
    ]

    window = on(NOW.date(), days=14)

    assert summary(glucose_summary([*again, *readings], "p1", window)) == summary(
        glucose_summary(readings, "p1", window)
    )


@pytest.mark.parametrize("tag", UNCOUNTED)
def test_what_does_not_count_is_in_no_summary(tag: str) -> None:
    sensor = [replace(one, tags=frozenset({tag})) for one in two_weeks("100")]

    assert glucose_summary(sensor, "p1", on(NOW.date(), days=14)).made == ()
