"""Local times in the hours that clocks skip or show twice, days of 23 and 25 hours, leap days."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry_devices.mapping.days import length
from wherry_devices.mapping.instants import Site, local
from wherry_devices.mapping.reading import OffsetOrigin
from wherry_devices.mapping.times import moment

# Both hemispheres, a half-hour change, a change at midnight, offsets of 45 minutes, none at all.
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Chatham",
    "Africa/Cairo",
    "America/Santiago",
    "Asia/Kathmandu",
    "UTC",
]
HOUR = timedelta(hours=1)
_YEARS = range(2024, 2028)


@cache
def changes(name: str) -> tuple[tuple[datetime, timedelta], ...]:
    """Instants at which a zone's clocks change, with by how much they jump."""
    return tuple(_changes(ZoneInfo(name)))


def _changes(zone: ZoneInfo) -> Iterator[tuple[datetime, timedelta]]:
    at, end = datetime(_YEARS[0], 1, 1, tzinfo=UTC), datetime(_YEARS[-1] + 1, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + HOUR / 2
        jump = _offset(later, zone) - _offset(at, zone)
        if jump:
            yield later, jump
        at = later


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def walls(zone: ZoneInfo, naive: datetime) -> set[datetime]:
    """The instants at which clocks of a zone show this time: none, one or two."""
    found = set()
    for fold in (0, 1):
        instant = naive.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if instant.astimezone(zone).replace(tzinfo=None, fold=0) == naive:
            found.add(instant)
    return found


def test_the_zones_change_as_they_are_chosen_for() -> None:
    jumps = {name: {jump for _, jump in changes(name)} for name in ZONES}

    assert jumps["Europe/Berlin"] == {HOUR, -HOUR}
    assert jumps["Australia/Lord_Howe"] == {HOUR / 2, -HOUR / 2}
    assert jumps["Asia/Kathmandu"] == jumps["UTC"] == set()
    assert all(len(changes(name)) in (0, 8) for name in ZONES)


@given(
    name=st.sampled_from([name for name in ZONES if changes(name)]),
    number=st.integers(0, 7),
    minutes=st.integers(-150, 150),
    late=st.integers(0, 600),
)
def test_a_local_time_is_an_instant_at_which_clocks_showed_it_or_says_that_none_did(
    name: str, number: int, minutes: int, late: int
) -> None:
    zone = ZoneInfo(name)
    changed = changes(name)[number][0].astimezone(zone).replace(tzinfo=None, fold=0)
    naive = changed + timedelta(minutes=minutes)
    shown = sorted(walls(zone, naive))
    received = (shown[-1] if shown else naive.replace(tzinfo=UTC)) + timedelta(minutes=late)

    found = local(naive.isoformat(), name, OffsetOrigin.FACILITY, received)

    assert found is not None
    assert found.at.replace(tzinfo=None) == naive  # what was said is never rewritten
    assert ("ambiguous-time" in found.marks) == (len(shown) != 1)
    if shown:
        assert found.at.astimezone(UTC) == max(shown)  # nothing is measured after it was received
    else:  # the clock had not been set yet
        assert found.at.utcoffset() == naive.replace(tzinfo=zone, fold=0).utcoffset()


@pytest.mark.parametrize("name", ZONES)
def test_an_hour_that_comes_twice_is_the_first_when_it_was_received_before_the_second(
    name: str,
) -> None:
    zone = ZoneInfo(name)
    for changed, jump in changes(name):
        if jump > timedelta():
            continue
        naive = changed.astimezone(zone).replace(tzinfo=None, fold=0)
        first, second = sorted(walls(zone, naive))

        early, late = (
            local(naive.isoformat(), name, OffsetOrigin.FACILITY, at)
            for at in (first + timedelta(minutes=1), second + timedelta(minutes=1))
        )

        assert early is not None
        assert late is not None
        assert (early.at.astimezone(UTC), late.at.astimezone(UTC)) == (first, second)
        assert early.marks == late.marks == ("ambiguous-time",)
        assert second - first == -jump


@pytest.mark.parametrize("name", ZONES)
def test_a_day_is_as_long_as_its_clocks_make_it_and_years_are_whole(name: str) -> None:
    zone = ZoneInfo(name)
    day, total = date(_YEARS[0], 1, 1), timedelta()
    jumps = {}
    while day.year in _YEARS:
        long = length(day, zone)
        if long != timedelta(days=1):
            jumps[day] = timedelta(days=1) - long
        total += long
        day += timedelta(days=1)

    began, ended = (
        datetime(year, 1, 1, tzinfo=zone).astimezone(UTC) for year in (_YEARS[0], _YEARS[-1] + 1)
    )
    assert total == ended - began
    assert sorted(jumps.values()) == sorted(jump for _, jump in changes(name))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(ZONES))
def test_a_civil_day_stays_that_day_in_every_zone(day: date, name: str) -> None:
    found = moment({"date": day.isoformat()}, Site(name))

    assert found is not None
    assert found.civil
    assert found.at.date() == day


@pytest.mark.parametrize(
    ("text", "is_day"),
    [
        ("2024-02-29", True),
        ("2026-02-29", False),
        ("2000-02-29", True),
        ("2100-02-29", False),
        ("2026-12-31", True),
        ("2026-13-01", False),
        ("2026-1-1", False),
    ],
)
def test_only_days_that_there_are_are_days(text: str, is_day: bool) -> None:
    assert (moment({"date": text}, Site("Europe/Berlin")) is not None) == is_day
    local_time = local(f"{text}T23:59:59", "Europe/Berlin", OffsetOrigin.FACILITY, None)
    assert (local_time is not None) == is_day


def test_the_last_second_of_a_year_and_the_first_of_the_next_are_a_second_apart() -> None:
    last, first = (
        local(text, "Pacific/Chatham", OffsetOrigin.FACILITY, None)
        for text in ("2025-12-31T23:59:59", "2026-01-01T00:00:00")
    )

    assert last is not None
    assert first is not None
    assert first.at - last.at == timedelta(seconds=1)
    assert (last.at.year, first.at.year, last.at.astimezone(UTC).year) == (2025, 2026, 2025)
