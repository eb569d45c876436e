"""A sensor's readings become the summary of two weeks, each night anew, on a real server."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.contracts.conftest import _over_http
from tests.devices.harness import NOW, PATIENT, House

from wherry.fhir.bundle import transaction
from wherry.resource import Resource

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
JANUARY = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)
MIDNIGHT = datetime(NOW.year, NOW.month, NOW.day, tzinfo=NOW.tzinfo)
MEMBERS = ["97507-8", "106793-3", "97506-0", "104638-2", "104636-6", "104637-4"]


@pytest.fixture
def ward(sqlite_url: str) -> Iterator[House]:
    """A service in front of a real server, whose sensor belongs to one patient."""
    put: Any = {"method": "PUT", "url": "Patient/p1"}
    with _over_http(sqlite_url) as server:
        server.send(transaction([{"resource": PATIENT, "request": put}]))
        house = House(fhir=server)  # type: ignore[arg-type]  # only what every server has is used
        house.bind("t1", source="dexcom")
        yield house


def egv(at: datetime, value: int, **more: Any) -> dict[str, Any]:
    """One reading as Dexcom has it; synthetic."""
    return {
        "recordId": f"r-{at.isoformat()}",
        "systemTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "displayTime": at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "transmitterId": "t1",
        "transmitterGeneration": "g7",
        "value": value,
        "status": None,
        "unit": "mg/dL",
        "displayDevice": "iOS",
        **more,
    }


def deliver(house: House, day: datetime, values: tuple[int, ...]) -> None:
    """A reading every quarter of an hour of a day, as soon as it is over or all at once later."""
    records = [egv(day + n * QUARTER, values[n % len(values)]) for n in range(96)]
    house.inbox.time_s = max(house.inbox.time_s, (day + DAY - JANUARY).total_seconds())
    house.keep({"recordType": "egv", "recordVersion": "3.0", "userId": "u", "records": records},
               "dexcom")  # fmt: skip
    house.work()


def panels(house: House) -> list[Resource]:
    return house.fhir.search("Observation", {"code": "107931-8"})


def members(house: House) -> dict[str, list[str]]:
    """What the members of the panel say, by their codes."""
    [panel] = panels(house)
    found = [house.fhir.read(*one["reference"].split("/")) for one in panel["hasMember"]]
    return {
        one["code"]["coding"][0]["code"]: [
            str(part["valueQuantity"]["value"]) for part in one.get("component", [one])
        ]
        for one in found
    }


def test_each_night_the_summary_of_the_two_weeks_before_is_made_anew(ward: House) -> None:
    for n in range(14, 0, -1):
        deliver(ward, MIDNIGHT - n * DAY, (100, 200))
    ward.derive()
    [first] = panels(ward)
    before = members(ward)

    deliver(ward, MIDNIGHT, (300,))
    ward.derive()
    by_day = members(ward)
    ward.clock.at += DAY
    ward.days.time_s += DAY.total_seconds()
    ward.derive()
    [second] = panels(ward)

    assert list(before) == MEMBERS
    assert before["97507-8"] == ["150.0"]
    assert before["106793-3"] == ["0.00", "0.00", "50.00", "50.00", "0.00"]
    assert by_day == before  # a day is in it once it is over
    assert members(ward)["106793-3"] == ["0.00", "0.00", "46.43", "46.43", "7.14"]
    assert (first["id"], first["effectivePeriod"], second["effectivePeriod"]) == (
        second["id"],
        {"start": "2026-02-16", "end": "2026-03-01"},
        {"start": "2026-02-17", "end": "2026-03-02"},
    )
    assert ward.days.rows == {}


def test_two_weeks_that_all_come_late_are_summed_up_as_well(ward: House) -> None:
    ward.inbox.time_s = (MIDNIGHT + 9 * DAY - JANUARY).total_seconds()
    ward.clock.at = MIDNIGHT + 9 * DAY

    for n in range(14, 0, -1):
        deliver(ward, MIDNIGHT - n * DAY, (100, 200))
    ward.derive()

    assert members(ward)["106793-3"] == ["0.00", "0.00", "50.00", "50.00", "0.00"]


def test_a_reading_of_last_week_that_is_corrected_changes_the_summary(ward: House) -> None:
    for n in range(14, 0, -1):
        deliver(ward, MIDNIGHT - n * DAY, (100,))
    ward.derive()
    before = members(ward)["106793-3"]

    for value in (100, 40):
        deliver(ward, MIDNIGHT - 7 * DAY, (value,))
    ward.derive()

    [panel] = panels(ward)
    assert before == ["0.00", "0.00", "100.00", "0.00", "0.00"]
    assert panel["status"] == "final"
    assert members(ward)["106793-3"] != before


def test_a_sensor_whose_readings_were_those_of_a_demonstration_has_its_summary_taken_back(
    ward: House,
) -> None:
    for n in range(14, 0, -1):
        deliver(ward, MIDNIGHT - n * DAY, (100, 200))
    ward.derive()
    label = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}
    readings = ward.fhir.search("Observation", {"code": "99504-3", "_count": "2000"}, limit=2000)
    tests = [
        {"resource": {**one, "meta": {**one["meta"], "security": [label]}},
         "request": {"method": "PUT", "url": f"Observation/{one['id']}"}}
        for one in readings[:800]
    ]  # fmt: skip
    ward.fhir.send(transaction(tests))  # type: ignore[arg-type]

    deliver(ward, MIDNIGHT - 7 * DAY, (101, 201))
    ward.derive()

    [panel] = panels(ward)
    assert panel["status"] == "entered-in-error"
    codes = ",".join(MEMBERS)
    found = ward.fhir.search("Observation", {"code": codes})
    assert {one["status"] for one in found} == {"entered-in-error"}
