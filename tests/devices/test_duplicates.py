"""Through the worker: what several paths tell of is stored by each, and counts once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.devices.golden import SLOW
from tests.devices.harness import House
from tests.devices.one_weight import (
    AT_S,
    DELIVERIES,
    a_house,
    duplicates,
    finished,
    phone,
    state,
    tags,
    withings,
)

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine
from wherry.draining import Pace
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_devices.duplicates.marking import marked
from wherry_devices.duplicates.paths_sql import SqlPaths
from wherry_devices.jobs import drain
from wherry_devices.mapping.paths import PLAIN, Stand
from wherry_devices.migrate import upgrade


@settings(deadline=None, suppress_health_check=SLOW, max_examples=30)
@given(
    order=st.permutations([*range(10), *range(10)]),
    together=st.lists(st.booleans(), min_size=20, max_size=20),
)
def test_in_any_order_and_however_often_the_same_ones_are_duplicates(
    order: list[int], together: list[bool]
) -> None:
    house, expected = a_house(), a_house()
    for source, payload in DELIVERIES:
        expected.keep(payload, source)
    finished(expected)

    for number, wait in zip(order, together, strict=True):
        source, payload = DELIVERIES[number]
        house.keep(payload, source)
        if not wait:
            house.work()
    finished(house)

    assert state(house) == state(expected)
    assert len(state(house)) == 8
    assert duplicates(expected) == {"u-1": "1", "u-2": "2", "2026-03-01T08:01:20+00:00": "2"}
    assert "88000" not in str(state(house))


def test_what_came_first_says_that_it_is_a_duplicate_once_the_better_path_tells() -> None:
    house = a_house()
    house.keep(phone("u-1", "70.5"), "healthkit")
    house.work()
    assert duplicates(house) == {}

    house.keep(withings(1, 70530))
    house.work()

    assert duplicates(house) == {"u-1": "1"}
    assert ("healthkit", "duplicate") not in house.tally.counts()  # told only now
    [one] = [one for one in house.fhir.all("Observation") if "duplicate" in tags(one)]
    assert len(house.fhir.versions["Observation", one["id"]]) == 2
    assert one["valueQuantity"]["value"] is not None
    assert one["status"] == "final"
    assert house.changes.waiting() == 1
    assert "risk" in house.queue.tickets


def test_a_correction_of_the_better_path_lifts_the_mark_and_brings_it_back() -> None:
    house = a_house()
    for payload in (withings(1, 70530), withings(1, 71530, modified=AT_S + 1000)):
        house.keep(payload)
        house.keep(phone("u-1", "70.5"), "healthkit")
        house.work()
    lifted = duplicates(house)

    house.keep(withings(1, 70530, modified=AT_S + 1100))
    finished(house)

    assert (lifted, duplicates(house)) == ({}, {"u-1": "1"})


def test_duplicates_are_counted_by_source() -> None:
    house = a_house()
    house.keep(withings(1, 70530))
    house.keep(phone("u-1", "70.5"), "healthkit")

    house.work()

    assert house.tally.counts()["healthkit", "duplicate"] == 1


def test_two_people_who_weigh_the_same_are_two() -> None:
    house = House()
    house.bind("scale-1", "p1")
    house.bind("somebody", "p2", kind="account", source="healthkit")
    house.keep(withings(1, 70530))
    house.keep(phone("u-1", "70.5"), "healthkit")

    finished(house)

    assert duplicates(house) == {}
    assert len(house.fhir.all("Observation")) == 2


def test_while_the_fhir_server_is_away_marks_wait() -> None:
    house = a_house()
    house.keep(phone("u-1", "70.5"), "healthkit")
    house.work()
    house.keep(withings(1, 70530))
    house.work()
    house.paths.later()
    before = house.paths.to_check()
    house.fhir.failures = [Failure(Kind.UNAVAILABLE, "away", at="fhir")]

    house.work()

    assert house.paths.to_check() == before != []
    assert house.sweep()
    house.work()
    assert house.paths.to_check() == []


def test_a_mark_is_put_on_and_taken_off_without_a_trace() -> None:
    plain: Resource = {
        "resourceType": "Observation",
        "meta": {"source": "urn:x", "tag": [{"system": "urn:y", "code": "manual"}]},
        "derivedFrom": [{"reference": "Observation/7"}],
        "status": "final",
    }

    once = marked(plain, Stand(("withings", "a/1/weight")))

    assert once != plain
    assert marked(once, Stand(("withings", "a/1/weight"))) == once
    assert marked(once, PLAIN) == plain
    assert marked({"meta": {}}, PLAIN) == {"meta": {}}


@pytest.mark.parametrize("earlier", ["suspect", "duplicate"])
def test_a_later_version_is_not_marked_with_what_held_for_an_earlier_one(earlier: str) -> None:
    house = a_house()
    house.keep(withings(1, 25000))
    house.work()
    [one] = house.fhir.all("Observation")
    house.fhir.put({**one, "meta": {**one["meta"], "tag": [*one["meta"]["tag"], _tag(earlier)]}})

    house.keep(withings(1, 70530, modified=AT_S + 1000))
    house.work()

    [one] = house.fhir.all("Observation")
    assert "suspect" not in tags(one)
    assert "duplicate" not in tags(one)
    assert "assumed-offset" in tags(one)


def _tag(code: str) -> dict[str, str]:
    return {"system": "urn:wherry:devices:quality", "code": code}


def test_what_got_or_lost_a_mark_is_derived_again() -> None:
    house = a_house()
    house.keep(phone("u-1", "70.5"), "healthkit")
    house.keep(withings(1, 70530))
    house.work()
    house.days.rows.clear()  # as if it had all been derived before the marks were right

    house.paths.later()
    house.work()

    assert {(one.patient, one.what) for one in house.days.rows} == {("p1", "baseline-weight")}


def test_what_two_paths_tell_of_counts_once_in_what_is_usual() -> None:
    house = a_house()
    for day in range(5):
        at = AT_S + day * 86_400
        told = withings(day, 70000 + 100 * day, after_s=day * 86_400, modified=at + 900)
        sample = phone(f"u-{day}", f"70.{day}", at="08:01:00")["samples"][0]
        when = sample["start"].replace("03-01", f"03-0{day + 1}")
        sample |= {"start": when, "end": when, "modifiedAt": when}
        house.inbox.time_s = at + 1800 - 1_767_225_600
        for source, payload in (
            ("healthkit", {"account": "somebody", "samples": [sample]}),
            ("withings", told),
        ):
            house.keep(payload, source)
            house.work()
    finished(house)
    house.clock.at = datetime.fromtimestamp(AT_S, UTC) + timedelta(days=6)
    house.days.time_s += 7 * 86_400

    house.derive()

    [usual] = [
        one
        for one in house.fhir.all("Observation")
        if one["code"]["coding"][0]["system"] == "urn:wherry:devices:baseline"
    ]
    assert len(duplicates(house)) == 5
    assert [str(part["valueQuantity"]["value"]) for part in (usual, *usual["component"])] == [
        "70.200",
        "0.100",
        "5",
        "5",
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_with_the_ledger_in_a_database_it_is_the_same(backwards: bool, sqlite_url: str) -> None:
    upgrade_inbox(sqlite_url)
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    house, expected = a_house(), a_house()
    needs = replace(house.deps(), paths=SqlPaths(engine, (b"k" * 32,)))
    for source, payload in DELIVERIES:
        expected.keep(payload, source)
    finished(expected)

    for source, payload in reversed(DELIVERIES) if backwards else DELIVERIES:
        house.keep(payload, source)
        drain(needs, owner="worker", pace=Pace())

    assert state(house) == state(expected)
    assert len(duplicates(house)) == 3
    engine.dispose()
