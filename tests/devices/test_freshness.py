"""How fresh a device is: its schedule, the person's days, and the likely cause."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.devices.harness import NOW

from wherry_devices.mapping.adherence import adherence, local_days
from wherry_devices.mapping.expected import expected
from wherry_devices.mapping.fleet import silent
from wherry_devices.mapping.freshness import (
    ADVICE,
    OUTREACH,
    Cause,
    Outreach,
    Seen,
    State,
    fresh,
)
from wherry_devices.mapping.heard import Day, Last

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")


def state(age: timedelta, **more: Any) -> State:
    return fresh(Seen(measured_at=NOW - age), now=NOW, **more).state


@pytest.mark.parametrize(
    ("age", "wanted"),
    [
        (30 * HOUR, State.ON_TRACK),
        (30 * HOUR + MINUTE, State.LATE),
        (96 * HOUR, State.LATE),
        (96 * HOUR + MINUTE, State.SILENT),
    ],
)
def test_a_daily_device_is_late_after_a_quarter_of_a_day_more_and_silent_after_four(
    age: timedelta, wanted: State
) -> None:
    assert state(age, every=DAY) is wanted


def test_a_cloud_that_is_always_late_makes_nobody_late() -> None:
    wanted = expected("dexcom", "cgm")

    assert state(3 * HOUR, every=wanted.every, delay=wanted.delay) is State.ON_TRACK
    assert state(3 * HOUR + 7 * MINUTE, every=wanted.every, delay=wanted.delay) is State.LATE
    assert state(7 * MINUTE, every=expected("ble-hub", "cgm").every) is State.LATE


@pytest.mark.parametrize(("month", "day", "hours"), [(3, 29, 29), (10, 25, 31), (6, 2, 30)])
def test_a_day_of_23_or_25_hours_is_a_day(month: int, day: int, hours: int) -> None:
    """The clocks of Berlin change on March 29 and October 25, 2026."""
    last = datetime(2026, month, day - 1, 12, tzinfo=BERLIN).astimezone(UTC)
    seen = Seen(measured_at=last)
    due = last + hours * HOUR

    assert fresh(seen, every=DAY, now=due, zone=BERLIN).state is State.ON_TRACK
    assert fresh(seen, every=DAY, now=due + MINUTE, zone=BERLIN).state is State.LATE


def test_what_nobody_expects_is_not_judged_but_a_device_that_never_spoke_is() -> None:
    assert expected("withings", "height").every is None
    assert expected("apple-export", "bp").every is None
    assert state(900 * DAY, every=None) is State.UNSCHEDULED
    assert fresh(Seen(), every=None, now=NOW).state is State.NEVER


def test_a_binding_says_how_often_but_cannot_make_a_cloud_faster() -> None:
    found = expected("dexcom", "cgm", HOUR)

    assert (found.every, found.delay) == (HOUR, 3 * HOUR)
    assert expected("withings", "height", DAY).every == DAY


@pytest.mark.parametrize(
    ("seen", "cause", "what"),
    [
        ({"access_refused": True, "vendor_down": True}, Cause.CONSENT, "access-refused"),
        ({"fleet": "9 of 9", "battery": 3}, Cause.CLOUD, "many-silent"),
        ({"hub_at": NOW - DAY, "hub_every": HOUR}, Cause.HUB, "heartbeat-every-seconds"),
        (
            {"hub_at": NOW - DAY, "hub_every": HOUR, "cellular_dbm": -104},
            Cause.CELLULAR,
            "cellular-dbm",
        ),
        ({"doubt_at": NOW - DAY, "battery": 3}, Cause.OWNER, "doubtful-owner"),
        ({"elsewhere_at": NOW - DAY}, Cause.OWNER, "not-this-patient"),
        ({"battery_level": "low"}, Cause.SENSOR, "battery-level"),
        ({"ahead_at": NOW - DAY}, Cause.CLOCK, "time-to-come"),
    ],
)
def test_a_cause_rests_on_what_was_told(seen: dict[str, Any], cause: Cause, what: str) -> None:
    found = fresh(Seen(measured_at=NOW - 3 * DAY, **seen), every=DAY, now=NOW)

    assert found.cause is cause
    assert found.evidence[0].what == what
    assert all(one.cause for one in found.evidence)


@pytest.mark.parametrize(
    "seen",
    [
        {"hub_at": NOW - 2 * HOUR, "hub_every": HOUR},
        {"hub_at": NOW - DAY},
        {"battery": 15},
        {"battery_level": "medium"},
        {"rssi_dbm": -90},
        {"drift": 2 * MINUTE},
        {"doubt_at": NOW - 4 * DAY, "received_at": NOW - 3 * DAY},
        {"elsewhere_at": NOW - 4 * DAY, "received_at": NOW - 3 * DAY},
        {"ahead_at": NOW - 4 * DAY, "received_at": NOW - 3 * DAY},
    ],
)
def test_what_shows_no_fault_is_no_cause(seen: dict[str, Any]) -> None:
    found = fresh(Seen(measured_at=NOW - 3 * DAY, **seen), every=DAY, now=NOW)

    assert (found.cause, found.evidence) == (Cause.UNKNOWN, ())


def test_every_cause_has_advice_and_somebody_or_nobody_to_ask() -> None:
    assert set(ADVICE) == set(OUTREACH) == set(Cause)
    assert [cause for cause in Cause if not ADVICE[cause]] == [Cause.NONE]
    assert OUTREACH[Cause.CLOUD] is Outreach.NOBODY


def last(unit: str, age: timedelta, source: str = "withings", model: str = "Cuff") -> Last:
    at_s = (NOW - age).timestamp()
    return Last(source, unit, model, at_s, at_s, at_s)


def rows(*ages: timedelta, **more: str) -> list[tuple[str, Last]]:
    return [("bp", last(f"u{n}", age, **more)) for n, age in enumerate(ages)]


def test_many_of_a_vendor_that_fall_silent_at_once_are_not_each_persons_matter() -> None:
    found = silent(rows(*[2 * DAY + n * HOUR for n in range(5)]), NOW)

    assert found[("withings", "")] == "5 of 5 devices of withings"


@pytest.mark.parametrize(
    "ages",
    [
        [2 * DAY] * 4,
        [*[2 * DAY] * 5, HOUR],
        [*[9 * DAY] * 5, 2 * DAY],
        [HOUR] * 5,
    ],
)
def test_a_few_or_some_or_long_gone_ones_are_no_outage(ages: list[timedelta]) -> None:
    assert silent(rows(*ages), NOW) == {}


def test_one_model_may_be_silent_while_the_rest_of_its_source_speaks() -> None:
    old = rows(*[2 * DAY] * 6, model="Old")
    new = [("bp", last(f"n{n}", HOUR, model="New")) for n in range(3)]

    assert silent([*old, *new], NOW) == {("withings", "Old"): "6 of 6 devices of withings Old"}


def at(text: str, zone: str) -> tuple[int, Day]:
    """A quarter of an hour as it is kept."""
    instant = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    day, second = divmod(int(instant.timestamp()), 86_400)
    bits = 1 << second // 900
    return day, Day(bits & (1 << 48) - 1, bits >> 48)


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("2026-03-01T23:30:00", "America/New_York"),
        ("2026-03-01T00:00:00", "Asia/Kathmandu"),
        ("2026-03-01T23:59:00", "Pacific/Chatham"),
        ("2026-03-01T00:00:00", "Pacific/Kiritimati"),
        ("2026-03-01T23:59:00", "Asia/Kolkata"),
    ],
)
def test_a_reading_falls_on_the_day_of_the_person(text: str, zone: str) -> None:
    assert local_days([at(text, zone)], ZoneInfo(zone)) == {date(2026, 3, 1)}


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_a_day_when_the_clocks_change_is_one_day(day: str) -> None:
    found = [at(f"{day}T{hour:02}:{minute}:00", "Europe/Berlin") for hour in range(24)
             for minute in ("00", "45")]  # fmt: skip

    assert local_days(found, BERLIN) == {date.fromisoformat(day)}


def test_a_date_that_a_source_names_is_that_date_everywhere() -> None:
    number = date(2026, 3, 1).toordinal() - date(1970, 1, 1).toordinal()
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert local_days([(number, Day(named=1))], ZoneInfo(zone)) == {date(2026, 3, 1)}


BANDS = ((2, 15), (16, 30))


@pytest.mark.parametrize(
    ("gone", "days", "streak", "within"),
    [
        ([], 0, 0, [False, False]),
        ([0], 1, 1, [False, False]),
        ([1, 2], 2, 2, [True, False]),
        ([0, 2, 3], 3, 1, [True, False]),
        ([2, 3], 2, 0, [True, False]),
        ([*range(15)], 15, 15, [True, False]),
        ([*range(16)], 16, 16, [False, True]),
        ([*range(40)], 30, 40, [False, True]),
        ([29, 30], 1, 0, [False, False]),
    ],
)
def test_days_are_counted_in_the_window_and_in_a_row(
    gone: list[int], days: int, streak: int, within: list[bool]
) -> None:
    today = date(2026, 3, 2)
    found = adherence(frozenset(today - n * DAY for n in gone), today, window=30, bands=BANDS)

    assert (found.days, found.streak) == (days, streak)
    assert [band.within for band in found.bands] == within
    assert (found.first, found.last) == (date(2026, 2, 1), today)
