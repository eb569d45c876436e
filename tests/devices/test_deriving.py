"""Readings that land become averages, summaries and baselines that always say the same."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.devices.harness import NOW, House, getmeas, group, measure

from wherry.fhir.check import problems
from wherry.resource import Resource, SearchParams
from wherry_devices.derivation.days import Touched

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MORNING = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


def pressure(number: int, sys: int, dia: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A Withings measure group of a blood pressure."""
    date = int(at.timestamp())
    told = {"date": date, "modified": date + 10, **more}
    return group(number, measure(10, sys), measure(9, dia), **told)


def weight(number: int, grams: int, at: datetime, **more: Any) -> dict[str, Any]:
    """A Withings measure group of a weight."""
    date = int(at.timestamp())
    return group(number, measure(1, grams, -3), date=date, modified=date + 10, **more)


def deliver(house: House, *groups: dict[str, Any]) -> None:
    for one in groups:
        house.keep(getmeas(one))
        house.work()


def deliver_in_time(house: House, *groups: dict[str, Any]) -> None:
    """Each a minute after it was measured: what comes over a day later is no part of a baseline."""
    for one in sorted(groups, key=lambda one: one["date"]):
        house.inbox.time_s = one["date"] + 60 - datetime(2026, 1, 1, tzinfo=UTC).timestamp()
        deliver(house, one)


def derived(house: House, code: str, patient: str = "p1") -> list[Resource]:
    """What is stored under a code, but what is an error."""
    return [
        one
        for one in house.fhir.all("Observation")
        if one["code"]["coding"][0]["code"] == code
        and one["subject"]["reference"] == f"Patient/{patient}"
        and one["status"] != "entered-in-error"
        and one["meta"].get("source") == "urn:wherry:devices:derived"
    ]


def means(house: House, patient: str = "p1") -> list[tuple[str, list[str], int]]:
    """Day, numbers and how many measurements of each average."""
    return sorted(
        (
            one["effectivePeriod"]["start"][:10],
            [str(part["valueQuantity"]["value"]) for part in one["component"]],
            one["extension"][0]["valueInteger"],
        )
        for one in derived(house, "96607-7", patient)
    )


def test_a_days_pressures_become_an_average_that_says_what_it_rests_on(bound: House) -> None:
    deliver(
        bound, pressure(1, 120, 80, MORNING), pressure(2, 131, 85, MORNING + timedelta(hours=1))
    )

    bound.derive()

    [mean] = derived(bound, "96607-7")
    references = [one["reference"] for one in mean["derivedFrom"]]
    inputs = [one for one in bound.fhir.all("Observation") if one["id"] != mean["id"]]
    assert means(bound) == [("2026-03-01", ["125.5", "82.5"], 2)]
    assert references == [f"Observation/{one['id']}" for one in inputs]
    assert problems(mean) == []
    assert [tag["code"] for tag in mean["meta"]["tag"]] == ["derived"]
    [record] = [
        one
        for one in bound.fhir.all("Provenance")
        if one["target"] == [{"reference": f"Observation/{mean['id']}"}]
    ]
    assert problems(record) == []
    assert record["agent"][0]["who"]["identifier"]["value"] == "average-smbp 1"
    assert record["entity"][0]["what"]["identifier"]["value"].startswith("sha256:")


def test_a_day_with_one_pressure_left_takes_its_average_back_and_gives_it_again(
    bound: House,
) -> None:
    first, second = pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR)
    deliver(bound, first, second)
    bound.derive()
    before = means(bound)

    deliver(
        bound, {**second, "attrib": 2, "modified": second["modified"] + 60}
    )  # typed in after all
    bound.derive()
    without = means(bound)
    deliver(bound, {**second, "modified": second["modified"] + 120})
    bound.derive()

    assert before == [("2026-03-01", ["125.0", "85.0"], 2)]
    assert without == []
    assert means(bound) == before
    [identity] = {
        one["id"]
        for one in bound.fhir.all("Observation")
        if one["code"]["coding"][0]["code"] == "96607-7"
    }
    assert [one["status"] for one in bound.fhir.versions["Observation", identity]] == [
        "final",
        "entered-in-error",
        "final",
    ]


def test_a_corrected_pressure_corrects_the_average_of_its_day(bound: House) -> None:
    first = pressure(1, 120, 80, MORNING)
    deliver(bound, first, pressure(2, 130, 90, MORNING + HOUR))
    bound.derive()

    corrected = pressure(1, 110, 70, MORNING)
    deliver(bound, {**corrected, "modified": first["modified"] + 60})
    bound.derive()

    assert means(bound) == [("2026-03-01", ["120.0", "80.0"], 2)]


def test_a_pressure_whose_time_is_corrected_leaves_the_average_of_its_old_day(bound: House) -> None:
    third = pressure(3, 140, 100, MORNING + HOUR)
    deliver(bound, pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR), third)
    bound.derive()

    moved = int((MORNING - 5 * DAY).timestamp())
    deliver(bound, {**third, "date": moved, "modified": third["modified"] + 60})
    bound.derive()

    assert means(bound) == [("2026-03-01", ["125.0", "85.0"], 2)]


def test_what_changed_nothing_writes_nothing(bound: House) -> None:
    payload = pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR)
    deliver(bound, *payload)
    bound.derive()
    before = {key: len(kept) for key, kept in bound.fhir.versions.items()}

    deliver(bound, *payload)
    bound.days.note(_all(bound))
    bound.derive()

    assert {key: len(kept) for key, kept in bound.fhir.versions.items()} == before


def _all(house: House) -> list[Touched]:
    """Every day that has a reading, as if each had changed."""
    return [
        Touched("p1", "average-bp", datetime.fromisoformat(one["effectiveDateTime"]).date())
        for one in house.fhir.all("Observation")
        if "effectiveDateTime" in one
    ]


def test_many_readings_of_a_day_are_one_piece_of_work(bound: House) -> None:
    deliver(bound, *(pressure(n, 120, 80, MORNING + n * HOUR / 10) for n in range(20)))

    assert len(bound.days.rows) == 2  # the average and the baselines of one day
    assert bound.derive() == 2


def test_what_still_changes_is_left_to_go_quiet_but_not_for_ever(bound: House) -> None:
    done = []
    for n in range(15):
        deliver(bound, pressure(n, 120, 80, MORNING + n * HOUR / 10))
        done.append(bound.derive(quiet_s=5))
        bound.days.time_s += 4

    assert [n for n, count in enumerate(done) if count] == [13]  # ten quiet times of five seconds


def test_a_baseline_is_of_whole_days_and_made_after_midnight(bound: House) -> None:
    days = [weight(n, 70_000 + 100 * n, NOW - n * DAY) for n in range(8)]
    deliver_in_time(bound, *days)
    bound.derive()
    [first] = derived(bound, "29463-7")

    bound.clock.at += DAY
    bound.days.time_s += DAY.total_seconds()
    bound.derive()
    [second] = derived(bound, "29463-7")

    told = [
        (one["effectivePeriod"]["end"], str(one["valueQuantity"]["value"]))
        for one in (first, second)
    ]
    assert told == [("2026-03-01", "70.400"), ("2026-03-02", "70.350")]
    assert first["id"] == second["id"]
    assert bound.days.rows == {}


def test_a_weight_of_before_the_window_changes_nothing_and_no_more_is_read_than_that(
    bound: House,
) -> None:
    deliver_in_time(bound, *(weight(n, 70_000, NOW - n * DAY) for n in range(1, 8)))
    bound.derive()
    asked = Counting(bound)

    bound.inbox.time_s += DAY.total_seconds()
    deliver(bound, weight(99, 90_000, NOW - 50 * DAY))
    bound.derive()

    assert asked.read == 8 + 7 + 2  # the newest, those of four weeks, what is stored by two names
    [usual] = derived(bound, "29463-7")
    assert str(usual["valueQuantity"]["value"]) == "70.000"


class Counting:
    """Counts what is read of a house's FHIR server from now on."""

    def __init__(self, house: House) -> None:
        self.read = 0
        self._search = house.fhir.search
        house.fhir.search = self  # type: ignore[method-assign]  # counts, and passes on

    def __call__(self, type_: str, params: SearchParams, *, limit: int = 1000) -> list[Resource]:
        found = self._search(type_, params, limit=limit)
        self.read += len(found)
        return found


@pytest.mark.parametrize(
    ("zone", "hours", "times"),
    [
        (
            "Europe/Berlin",
            23,
            ["2025-03-29T23:50+01:00", "2025-03-30T00:10+01:00", "2025-03-30T23:50+02:00"],
        ),
        (
            "Europe/Berlin",
            25,
            ["2025-10-25T23:50+02:00", "2025-10-26T00:10+02:00", "2025-10-26T23:50+01:00"],
        ),
        (
            "America/New_York",
            25,
            ["2025-11-01T23:50-04:00", "2025-11-02T00:10-04:00", "2025-11-02T23:50-05:00"],
        ),
    ],
)
def test_b3_an_average_is_of_the_day_where_the_person_lives_however_long_it_is(
    bound: House, zone: str, hours: int, times: list[str]
) -> None:
    instants = [datetime.fromisoformat(text) for text in times]
    after = instants[-1] + timedelta(minutes=20)
    for n, at in enumerate((*instants, after)):
        told = pressure(n, 120 + 10 * n, 80, at)
        bound.keep({"status": 0, "body": {"timezone": zone, "measuregrps": [told]}})
        bound.work()

    bound.derive()

    assert after - instants[0] == timedelta(hours=hours, minutes=20)
    [(day, numbers, count)] = means(bound)
    assert (day, numbers, count) == (times[1][:10], ["135.0", "80.0"], 2)


def test_after_two_patients_were_merged_each_value_is_there_once(bound: House) -> None:
    bound.bind("cuff-2", "p2")
    deliver(bound, pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR))
    more = [pressure(n, 140, 90, MORNING + n * HOUR, deviceid="cuff-2") for n in (3, 4)]
    deliver(bound, *more)
    bound.derive()
    merged = [
        {**one, "subject": {"reference": "Patient/p2"}}
        for one in bound.fhir.all("Observation")
        if one["subject"]["reference"] == "Patient/p1"
    ]
    for one in merged:
        bound.fhir.put(one)

    deliver(bound, pressure(5, 150, 90, MORNING + 5 * HOUR, deviceid="cuff-2"))
    rounds = [bound.derive() for _ in range(3)]

    assert rounds == [2, 0, 0]
    assert means(bound) == []
    assert means(bound, "p2") == [("2026-03-01", ["136.0", "88.0"], 5)]
