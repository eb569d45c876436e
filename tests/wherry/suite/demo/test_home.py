"""A day at home is what the device service stores, digit for digit, and older than the feed."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from tests.devices.harness import TEMPLATES

from wherry.codec import encode
from wherry.resource import Resource
from wherry.suite.demo.comparison import readings, results
from wherry.suite.demo.day import Day
from wherry.suite.demo.feed import Result, feed
from wherry.suite.demo.home import home
from wherry_devices.connectors import decoded
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Batch, DeviceKey
from wherry_devices.mapping.translate import Payload, entries

NOW = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)
DAYS = {day.source: day for day in home(NOW)}


def batches(day: Day) -> Iterator[Batch]:
    for payload in day.payloads:
        received = decoded(day.source, encode(payload))
        yield read(received, TEMPLATES[day.source], site=Site("", NOW))


def observations(day: Day) -> list[Resource]:
    """What the service would have stored at the end of a day: the last version of each."""
    template = TEMPLATES[day.source].template
    latest: dict[str, Resource] = {}
    for batch in batches(day):
        assert batch.withheld == ()
        told, refused = entries(
            batch.readings, {"reference": "Patient/p1"}, template, Payload("0" * 64, NOW)
        )
        assert refused == []
        latest |= {entry["fullUrl"]: entry["resource"] for entry in told}
    return [one for one in latest.values() if one["resourceType"] == "Observation"]


def stored(day: Day) -> list[Result]:
    return [result for one in observations(day) for result in results(day.mrn, one)]


def tags(day: Day) -> set[str]:
    return {tag["code"] for one in observations(day) for tag in one["meta"].get("tag", [])}


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_what_is_sent_is_what_will_be_found(day: Day) -> None:
    line = readings(day.title, day.results, stored(day))

    assert line.even
    assert line.sent == len(set(day.results)) > 7


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_the_bindings_are_of_the_devices_in_the_payloads(day: Day) -> None:
    bound = {
        DeviceKey(day.source, kind, one[kind])
        for one in day.bindings
        for kind in ("device", "account")
        if kind in one
    }

    for batch in batches(day):
        assert all(bound & set(reading.keys) for reading in batch.readings)


@pytest.mark.parametrize("day", DAYS.values(), ids=DAYS)
def test_every_reading_at_home_is_older_than_the_feed(day: Day) -> None:
    first = min(result.at for result in feed(NOW).results)

    assert all(day.begins < result.at < first for result in day.results)


def test_what_is_missing_at_home_is_told() -> None:
    day = DAYS["withings"]

    line = readings(day.title, day.results, stored(day)[1:])

    assert (line.lost, line.surplus) == (1, 0)


def test_four_people_have_devices_at_home() -> None:
    assert len({day.mrn for day in DAYS.values()}) == len(DAYS) == 4


def test_what_a_second_answer_corrects_is_not_there_any_more() -> None:
    first, second = batches(DAYS["withings"])
    [right] = second.readings
    [wrong] = [one for one in first.readings if one.record == right.record]

    assert (str(wrong.value), str(right.value)) == ("39.70", "37.80")
    assert right.version is not None
    assert wrong.version is not None
    assert right.version > wrong.version
    values = {one.value for one in stored(DAYS["withings"])}
    assert "37.80" in values
    assert "39.70" not in values


def test_the_hub_tells_all_that_is_odd_about_its_frames() -> None:
    day = DAYS["ble-hub"]

    assert {"clock-corrected", "assumed-offset", "irregular-pulse", "suspect"} <= tags(day)
    assert [one.value for one in day.results if one.code == "8310-5"].count("not-a-number") == 1
    assert "manual" in tags(DAYS["withings"])


@pytest.mark.parametrize("hours", range(0, 24, 5))
def test_a_sensors_day_has_one_end_of_scale_and_one_gap_whenever_it_ends(hours: int) -> None:
    [day] = [one for one in home(NOW + timedelta(hours=hours)) if one.source == "dexcom"]
    times = sorted(result.at for result in day.results)
    apart = [later - earlier for earlier, later in itertools.pairwise(times)]

    assert sum(result.value == "<40" for result in day.results) == 3
    assert len(times) == 280
    assert [one for one in apart if one != timedelta(minutes=5)] in (
        [timedelta(minutes=45)],
        [],  # it lies at the very end of the day
    )


def test_a_sensors_day_told_again_an_hour_later_says_the_same_of_the_same_moments() -> None:
    [later] = [one for one in home(NOW + timedelta(hours=1)) if one.source == "dexcom"]
    before = {result.at: result.value for result in DAYS["dexcom"].results}

    assert all(before.get(one.at, one.value) == one.value for one in later.results)
    assert len(before.keys() & {one.at for one in later.results}) > 250
