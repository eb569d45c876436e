"""Each way to tell the time ends as an instant with its offset and where that came from, or not."""

from datetime import UTC, datetime
from typing import Any

import pytest

from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.times import moment

NEW_YORK = Site("America/New_York")
SOURCE, PROFILE, FACILITY = "source", "profile", "facility"


@pytest.mark.parametrize(
    ("said", "at", "origin", "clock"),
    [
        # 1: seconds and milliseconds since 1970, UTC
        ({"epoch_s": 1772368200}, "2026-03-01T12:30:00+00:00", "none", "synced"),
        ({"epoch_ms": 1772368200250}, "2026-03-01T12:30:00.250000+00:00", "none", "synced"),
        # 2: seconds that are the clock on the wall
        ({"epoch_local_s": 1772350200, "offset": "-0500"}, "2026-03-01T07:30:00-05:00", SOURCE,
         "synced"),
        ({"epoch_local_s": 1772350200, "offset": -5, "offset_in": "hhmm", "changed_s": 1772368300},
         "2026-03-01T07:30:00-05:00", SOURCE, "synced"),
        ({"epoch_local_s": 1772368200, "offset": "-0500", "changed_s": 1772368300},
         "2026-03-01T07:30:00-05:00", SOURCE, "suspect"),
        # 3: an offset with the time, or apart from it
        ({"iso": "2026-03-01T07:30:00-05:00"}, "2026-03-01T07:30:00-05:00", SOURCE, "synced"),
        ({"utc": "2026-03-01T12:30:00Z", "offset": "-18000s"}, "2026-03-01T07:30:00-05:00", SOURCE,
         "synced"),
        ({"utc": "2026-03-01T12:30:00Z", "offset": -300, "offset_in": "min"},
         "2026-03-01T07:30:00-05:00", SOURCE, "synced"),
        ({"utc": "2026-03-01T12:30:00Z", "offset": -18000, "offset_in": "s"},
         "2026-03-01T07:30:00-05:00", SOURCE, "synced"),
        ({"local": "2026-03-01T07:30:00", "offset": "-05:00"}, "2026-03-01T07:30:00-05:00", SOURCE,
         "synced"),
        ({"spaced": "2026-03-01 07:30:00 -0500"}, "2026-03-01T07:30:00-05:00", "export", "synced"),
        ({"spaced": "2026-03-01 07:30:00 -0500", "zone": "Europe/Berlin"},
         "2026-03-01T13:30:00+01:00", SOURCE, "synced"),
        # 4: one zone for the whole batch
        ({"epoch_s": 1772368200, "zone": "America/New_York"}, "2026-03-01T07:30:00-05:00", PROFILE,
         "synced"),
        ({"local": "2026-03-01T07:30:00", "zone": "America/New_York"}, "2026-03-01T07:30:00-05:00",
         PROFILE, "synced"),
        # 5: local, without anything
        ({"local": "2026-03-01T07:30:00"}, "2026-03-01T07:30:00-05:00", FACILITY, "synced"),
        # 6: +00:00 that means the clock on the wall
        ({"floating": "2026-03-01T07:30:00+00:00"}, "2026-03-01T07:30:00-05:00", "floating",
         "synced"),
        # 7: a clock that was never set
        ({"received": "2026-03-01T12:30:00Z", "unset": True}, "2026-03-01T12:30:00+00:00", SOURCE,
         "unset"),
        ({"received": "2026-03-01T12:30:00Z"}, "2026-03-01T12:30:00+00:00", SOURCE, "estimated"),
        # 8: a clock that is years ahead, set right by its hub's
        ({"device_local": "2028-03-01T07:28:00", "device_clock": "2028-03-01T07:30:00",
          "hub_clock": "2026-03-01T07:32:00-05:00"}, "2026-03-01T07:30:00-05:00", "device",
         "corrected"),
        # two times of one device, its drift taken off
        ({"display": "2026-03-01T07:30:08", "system": "2026-03-01T12:30:00"},
         "2026-03-01T07:30:00-05:00", "device", "synced"),
        ({"display": "2026-03-01T07:36:00", "system": "2026-03-01T12:30:00"},
         "2026-03-01T07:30:00-05:00", "device", "suspect"),
        ({"display": "2026-03-01T12:30:00", "system": "2026-03-01T12:30:00"},
         "2026-03-01T12:30:00-05:00", FACILITY, "synced"),
    ],
)  # fmt: skip
def test_a_time_is_an_instant_with_its_offset_and_says_how_it_is_known(
    said: dict[str, Any], at: str, origin: str, clock: str
) -> None:
    found = moment(said, NEW_YORK)

    assert found is not None
    assert (found.at.isoformat(), found.offset_origin, found.clock) == (at, origin, clock)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"iso": "2026-03-01T07:30:00"},
        {"iso": "2026-03-01"},
        {"epoch_s": 0},
        {"epoch_s": 4_102_444_800},
        {"epoch_s": True},
        {"epoch_ms": 1_772_368_200},
        {"epoch_local_s": 1_772_350_200},
        {"epoch_local_s": 1_772_350_200, "offset": "-1500"},
        {"epoch_local_s": 1_772_350_200, "offset": 1730, "offset_in": "hhmm"},
        {"local": "2026-03-01T07:30:00"},
        {"local": "2026-02-30T07:30:00", "zone": "Europe/Berlin"},
        {"local": "yesterday", "zone": "Europe/Berlin"},
        {"local": "2026-03-01T07:30:00", "zone": "Nowhere/Here"},
        {"floating": "2026-03-01T07:30:00+00:00"},
        {"spaced": "2026-03-01 07:30:00"},
        {"display": "2026-03-01T07:30:00"},
        {"display": "2026-03-02T07:30:00", "system": "2026-03-01T07:30:00"},
        {"date": "2026-02-30"},
        {"date": "20260301"},
        {"utc": "2026-03-01T12:30:00Z", "end": "2026-03-01T12:29:59Z"},
    ],
)
def test_a_time_that_could_be_any_of_many_hours_is_none(said: dict[str, Any]) -> None:
    assert moment(said) is None


@pytest.mark.parametrize(
    ("local", "received_at", "offset"),
    [
        ("2026-10-25T02:30:00", None, "+02:00"),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 0, 31, tzinfo=UTC), "+02:00"),
        ("2026-10-25T02:30:00", datetime(2026, 10, 25, 1, 31, tzinfo=UTC), "+01:00"),
        ("2026-03-29T02:30:00", None, "+01:00"),  # the hour that is skipped
    ],
)
def test_an_hour_that_comes_twice_or_never_is_marked(
    local: str, received_at: datetime | None, offset: str
) -> None:
    found = moment({"local": local}, Site("Europe/Berlin", received_at))

    assert found is not None
    assert found.at.isoformat() == f"{local}{offset}"
    assert found.marks == ("ambiguous-time",)


def test_a_day_of_a_calendar_stays_a_day() -> None:
    found = moment({"date": "2026-03-29"}, Site("Europe/Berlin"))

    assert found is not None
    assert (found.civil, found.at.isoformat()) == (True, "2026-03-29T00:00:00+01:00")
