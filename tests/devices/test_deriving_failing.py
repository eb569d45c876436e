"""While something fails nothing that is to be derived is forgotten, and nobody else waits."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.devices.harness import House, getmeas
from tests.devices.test_deriving import DAY, HOUR, MORNING, deliver, means, pressure

from wherry.draining import STEADY
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_devices.app import create_app
from wherry_devices.derivation.derived import rederive
from wherry_devices.derivation.deriving import Pace, derive
from wherry_devices.worker import waits, work


def test_while_the_fhir_server_is_away_nothing_is_forgotten(bound: House) -> None:
    deliver(bound, pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR))
    before = set(bound.days.rows)

    for kind in (Kind.UNAVAILABLE, Kind.UNCERTAIN, Kind.STALE, Kind.FORBIDDEN):
        bound.fhir.failures = [Failure(kind, "away")] * 4
        bound.derive()
        assert set(bound.days.rows) == before
        bound.fhir.failures = []
        bound.days.time_s += 600
    bound.derive()

    assert means(bound) == [("2026-03-01", ["125.0", "85.0"], 2)]


def test_one_patient_who_cannot_be_derived_holds_up_nobody(bound: House) -> None:
    bound.bind("cuff-2", "p2")
    deliver(bound, pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR))
    others = [pressure(n, 120, 80, MORNING + n * HOUR, deviceid="cuff-2") for n in (3, 4)]
    deliver(bound, *others)
    bound.fhir.failures = [Failure(Kind.UNPROCESSABLE, "no such thing")]

    bound.derive()

    assert (means(bound), len(means(bound, "p2"))) == ([], 1)
    assert {one.patient for one in bound.days.rows} == {"p1"}


def test_a_worker_that_died_before_it_noted_lands_and_notes_again(bound: House) -> None:
    bound.days.away = True
    for one in (pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR)):
        bound.keep(getmeas(one))
    with pytest.raises(Failure):
        bound.work()
    landed, noted = len(bound.fhir.all("Observation")), bool(bound.days.rows)

    bound.days.away = False
    bound.inbox.time_s += 3600
    bound.work()
    bound.derive()

    assert (landed, noted) == (2, False)
    assert means(bound) == [("2026-03-01", ["125.0", "85.0"], 2)]


def test_a_worker_that_was_overtaken_writes_nothing_and_has_it_looked_at_again(
    bound: House,
) -> None:
    deliver(bound, pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR))
    wanted = {"owner": "slow", "limit": 9, "quiet_s": 0, "lease_s": 0}
    slow = [one for one in bound.days.due(**wanted) if one.touched.what == "average-bp"]  # type: ignore[arg-type]
    [other] = [
        one
        for one in bound.days.due(**(wanted | {"owner": "quick", "lease_s": 60}))  # type: ignore[arg-type]
        if one.touched.what == "average-bp"
    ]

    rederive(bound.deps(), slow, lease_s=0)

    assert means(bound) == []
    bound.days.settle([other])
    bound.days.time_s += 600
    bound.derive()
    assert means(bound) == [("2026-03-01", ["125.0", "85.0"], 2)]


def test_payloads_that_wait_are_held_up_by_one_value_at_the_most(bound: House) -> None:
    bound.bind("cuff-2", "p2")
    for n, cuff in enumerate(("cuff-1", "cuff-1", "cuff-2", "cuff-2")):
        deliver(bound, pressure(n, 120, 80, MORNING + n * HOUR, deviceid=cuff))

    count = derive(bound.deps(), owner="w", pace=Pace(0), stopping=lambda: True)

    assert count == 1
    assert bound.derive() == 3


def test_a_job_ends_in_time_and_the_next_one_goes_on(bound: House) -> None:
    for n in range(3):
        deliver(bound, pressure(n, 120, 80, MORNING - n * DAY))

    count = derive(bound.deps(), owner="w", pace=Pace(0, budget_s=0))

    assert count == 1
    assert bound.derive() == 1
    assert bound.days.rows == {}


def test_the_sweep_wakes_the_worker_for_what_went_quiet_and_the_worker_derives_it(
    bound: House,
) -> None:
    deps = bound.deps()
    for one in (pressure(1, 120, 80, MORNING), pressure(2, 130, 90, MORNING + HOUR)):
        bound.keep(getmeas(one))
    asked = [waits(deps)]
    work(deps, "w", STEADY)
    asked.append(waits(deps))
    bound.days.time_s += 5
    asked.append(waits(deps))
    work(deps, "w", STEADY)
    asked.append(waits(deps))

    assert asked == [True, False, True, False]
    assert means(bound) == [("2026-03-01", ["125.0", "85.0"], 2)]


def test_what_waits_and_what_fails_is_counted_without_a_name(bound: House) -> None:
    client = create_app(deps := bound.deps()).test_client()
    deliver(bound, pressure(1, 120, 80, MORNING))
    waiting = client.get("/metrics").text
    bound.fhir.failures = [Failure(Kind.UNPROCESSABLE, "no such thing")] * 2
    derive(deps, owner="w", pace=Pace(0))

    failing = client.get("/metrics").text

    assert 'wherry_devices_days{state="waiting"} 2.0' in waiting
    assert 'wherry_devices_days{state="failing"} 2.0' in failing
    assert "p1" not in failing


def test_a_reading_that_its_source_deletes_takes_the_baseline_with_it(house: House) -> None:
    house.bind("somebody", kind="account", source="healthkit")
    uuids = [f"u-{day}" for day in range(5)]
    for day, uuid in enumerate(uuids):
        at = MORNING + day * DAY
        house.inbox.time_s = (at + HOUR - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
        house.keep(weighed(uuid, at, "70.5"), "healthkit")
        house.work()
    house.clock.at = MORNING + 5 * DAY
    house.days.time_s += 7 * DAY.total_seconds()
    house.derive()
    before = [one["status"] for one in baselines(house)]

    house.inbox.time_s += DAY.total_seconds()
    deleted = weighed(uuids[0], MORNING, None, deletedAt=(MORNING + 5 * DAY).isoformat())
    house.keep(deleted, "healthkit")
    house.work()
    house.derive()

    assert before == ["final"]
    assert [one["status"] for one in baselines(house)] == ["entered-in-error"]


def weighed(uuid: str, at: datetime, value: str | None, **more: Any) -> dict[str, Any]:
    """A weight as HealthKit has it; synthetic."""
    one = {"uuid": uuid, "type": "HKQuantityTypeIdentifierBodyMass", "value": value, "unit": "kg"}
    when = at.isoformat()
    one |= {"start": when, "end": when, "modifiedAt": when}
    return {"account": "somebody", "samples": [one | {"wasUserEntered": 0} | more]}


def baselines(house: House) -> list[Resource]:
    found = house.fhir.all("Observation")
    own = "urn:wherry:devices:baseline"
    return [one for one in found if one["code"]["coding"][0]["system"] == own]
