"""A day at home is what the device service stores, digit for digit, and older than the feed."""

from datetime import UTC, datetime

import pytest
from tests.devices.harness import TEMPLATES, as_received

from wherry.suite.demo.comparison import readings, results
from wherry.suite.demo.feed import Result, feed
from wherry.suite.demo.home import Day, home
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import DeviceKey
from wherry_devices.mapping.translate import Payload, entries

NOW = datetime(2026, 3, 2, 12, 34, 56, tzinfo=UTC)


def stored(day: Day) -> list[Result]:
    """What the service would store of a day."""
    template = TEMPLATES[day.source]
    batch = read(as_received(day.payload), template, site=Site("", NOW))
    subject = {"reference": "Patient/p1"}
    told, _ = entries(batch.readings, subject, template.template, Payload("0" * 64, NOW))  # type: ignore[arg-type]  # a plain dict
    assert batch.withheld == ()
    return [
        result
        for entry in told
        if entry["resource"]["resourceType"] == "Observation"
        for result in results(day.mrn, entry["resource"])
    ]


@pytest.mark.parametrize("day", home(NOW), ids=lambda day: day.source)
def test_what_is_sent_is_what_will_be_found(day: Day) -> None:
    line = readings(day.results, stored(day))

    assert line.even
    assert line.sent == len(set(day.results)) > 7


@pytest.mark.parametrize("day", home(NOW), ids=lambda day: day.source)
def test_the_binding_is_of_the_device_in_the_payload(day: Day) -> None:
    [(kind, name)] = [(k, v) for k, v in day.binding.items() if k in ("device", "account")]
    batch = read(as_received(day.payload), TEMPLATES[day.source], site=Site("", NOW))

    assert {one.owner for one in batch.readings} == {DeviceKey(day.source, kind, name).opaque}


def test_every_reading_at_home_is_older_than_the_feed() -> None:
    first = min(result.at for result in feed(NOW).results)

    assert all(day.begins < result.at < first for day in home(NOW) for result in day.results)


def test_what_is_missing_at_home_is_told() -> None:
    day = home(NOW)[0]

    line = readings(day.results, stored(day)[1:])

    assert (line.lost, line.surplus) == (1, 0)
