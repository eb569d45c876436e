"""On how many of a person's days a device measured: a count, and no advice on billing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from wherry_devices.mapping.heard import Day

_DAY = timedelta(days=1)
_QUARTER = timedelta(minutes=15)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Band:
    """From so many days to so many, and whether the count lies in it."""

    least: int
    most: int
    within: bool


@dataclass(frozen=True, slots=True)
class Adherence:
    """Days with a device's own reading from `first` to `last`, and how many in a row up to now.

    A row ends yesterday as well as today: today is not over.
    """

    first: date
    last: date
    days: int
    streak: int
    bands: tuple[Band, ...]


def local_days(rows: Iterable[tuple[int, Day]], zone: tzinfo) -> frozenset[date]:
    """The calendar days, where the person lives, of quarters that are counted in UTC.

    Offsets are whole quarters of an hour, so none lies on two days. A date that a source named
    alone is that date.
    """
    found = set[date]()
    for number, day in rows:
        start = _EPOCH + number * _DAY
        if day.named:
            found.add(start.date())
        for quarter in day.quarters:
            found.add((start + quarter * _QUARTER).astimezone(zone).date())
    return frozenset(found)


def adherence(
    days: frozenset[date], today: date, *, window: int, bands: Sequence[tuple[int, int]]
) -> Adherence:
    """Count the days of a window that ends today."""
    first = today - (window - 1) * _DAY
    count = sum(first <= day <= today for day in days)
    return Adherence(
        first,
        today,
        count,
        _streak(days, today),
        tuple(Band(least, most, least <= count <= most) for least, most in bands),
    )


def _streak(days: frozenset[date], today: date) -> int:
    day = today if today in days else today - _DAY
    count = 0
    while day in days:
        count, day = count + 1, day - _DAY
    return count
