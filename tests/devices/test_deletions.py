"""A vendor's notice that an interval was deleted: what is stored of it was entered in error."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest
from tests.devices.harness import TEMPLATES, House

from wherry.codec import encode
from wherry.ports import State
from wherry.resource import Resource
from wherry_devices.derivation.days import Touched
from wherry_devices.intake.triage import HINT, arrival

DAY = "2026-03-01T"


def point(number: int, minute: int, **more: Any) -> dict[str, Any]:
    """A heart rate of the eighth hour; synthetic."""
    at = {"physicalTime": f"{DAY}08:{minute:02}:00Z", "utcOffset": "3600s"}
    return {
        "name": f"users/u-1/dataTypes/heart-rate/dataPoints/h{number}",
        "dataSource": {"recordingMethod": "PASSIVELY_MEASURED"},
        "heartRate": {"sampleTime": at, "beatsPerMinute": "64"},
        "updateTime": f"{DAY}09:00:00Z",
        **more,
    }


def notice(
    start: str = f"{DAY}08:05:00Z",
    end: str | None = f"{DAY}08:10:00Z",
    type_: str = "heart-rate",
    user: str = "u-1",
) -> list[dict[str, Any]]:
    interval = {"physicalTimeInterval": {"startTime": start, "endTime": end}}
    data = {"version": "1", "healthUserId": user, "operation": "DELETE", "dataType": type_}
    return [{"data": {**data, "intervals": [interval]}}]


POINTS = {"dataPoints": [point(1, 4), point(2, 5), point(3, 9), point(4, 10)]}


def a_house() -> House:
    house = House()
    house.bind("u-1", kind="account", source="google-health")
    return house


def stood(house: House) -> dict[str, Resource]:
    return {
        one["identifier"][0]["value"].split("/")[1]: one for one in house.fhir.all("Observation")
    }


def errors(house: House) -> set[str]:
    return {name for name, one in stood(house).items() if one["status"] == "entered-in-error"}


@pytest.mark.parametrize(
    "order", [*permutations(("points", "notice")), ("points", "notice", "points", "notice")]
)
def test_readings_of_a_deleted_interval_are_entered_in_error_in_whatever_order_it_is_told(
    order: tuple[str, ...],
) -> None:
    house = a_house()
    for name in order:
        house.keep({"points": POINTS, "notice": notice()}[name], "google-health")
        house.work()

    found = stood(house)
    assert errors(house) == {"h2", "h3"}
    assert set(found) == {"h1", "h2", "h3", "h4"}
    for name in ("h2", "h3"):
        assert "valueQuantity" not in found[name]
        assert found[name]["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    assert found["h1"]["valueQuantity"]["value"] == 64


def test_a_deletion_of_what_is_stored_is_a_new_version_and_the_patient_has_changed() -> None:
    house = a_house()
    house.keep(POINTS, "google-health")
    house.work()
    house.queue.take("risk")
    house.days.rows.clear()

    house.keep(notice(), "google-health")
    house.work()

    assert len(house.fhir.versions["Observation", stood(house)["h2"]["id"]]) == 2
    assert len(house.fhir.versions["Observation", stood(house)["h1"]["id"]]) == 1
    assert house.queue.take("risk")
    assert list(house.days.rows) == [Touched("p1", "baseline-heart_rate", date(2026, 3, 1))]


def test_what_the_source_says_of_it_later_counts_again() -> None:
    house = a_house()
    house.keep(POINTS, "google-health")
    house.keep(notice(), "google-health")
    house.work()

    house.inbox.time_s += 60
    later = point(2, 5, updateTime=f"{DAY}23:00:00Z")
    later["updateTime"] = "2026-03-02T12:00:30Z"
    house.keep({"dataPoints": [later]}, "google-health")
    house.work()

    assert errors(house) == {"h3"}
    assert stood(house)["h2"]["valueQuantity"]["value"] == 64


@pytest.mark.parametrize(
    "other",
    [notice(type_="weight"), notice(user="u-2"), notice(type_="steps")],
    ids=["another-type", "another-user", "a-type-that-is-not-read"],
)
def test_a_deletion_touches_nobody_and_nothing_else(other: Any) -> None:
    house = a_house()
    house.keep(POINTS, "google-health")
    id_ = house.keep(other, "google-health")

    house.work()

    assert errors(house) == set()
    assert house.ended(id_) == (State.DONE, "")


@pytest.mark.parametrize("end", [None, "tomorrow", f"{DAY}08:00:00Z"])
def test_a_deletion_that_does_not_say_when_is_for_a_person(end: str | None) -> None:
    house = a_house()
    house.keep(POINTS, "google-health")

    id_ = house.keep(notice(end=end), "google-health")
    house.work()

    assert errors(house) == set()
    assert house.ended(id_) == (State.ASIDE, "deletion not clear at withdrawn[0]")


def test_a_deletion_by_nobody_knows_whom_deletes_nothing() -> None:
    house = a_house()
    house.keep(POINTS, "google-health")
    unsigned = arrival(encode(notice()), TEMPLATES["google-health"], channel=HINT)
    [id_] = house.inbox.keep([unsigned])

    house.work()

    assert errors(house) == set()
    assert house.ended(id_)[0] is State.ASIDE
