"""Readings fall on the days of the person who was measured, 23 and 25 hours long ones included."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Protocol, TypeVar

DAY = timedelta(days=1)
MARGIN = timedelta(hours=14)
"""How far from UTC the clocks of a place may be."""


class Dated(Protocol):
    """What has a time: a reading or a stored fact."""

    @property
    def instant(self) -> datetime:
        """Aware, in its own offset."""
        ...

    @property
    def civil(self) -> bool:
        """Whether only the date was said."""
        ...


Some = TypeVar("Some", bound=Dated)


def day_of(one: Dated, zone: tzinfo | None) -> date:
    """The calendar day of a reading where the person was.

    That is the day by the reading's own offset. One that stands in UTC mostly does so because its
    source wrote it so: then the site's zone says which day it was, if there is one.
    """
    if one.civil or one.instant.utcoffset() or zone is None:
        return one.instant.date()
    return one.instant.astimezone(zone).date()


@dataclass(frozen=True, slots=True)
class Window:
    """Days from the first to the last; `zone` is the site's, None when it has none."""

    first: date
    last: date
    zone: tzinfo | None

    @property
    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + n * DAY for n in range((self.last - self.first) // DAY + 1)]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when up to when, in UTC, its readings may be, wherever they were taken."""
        return start(self.first, None) - MARGIN, start(self.last + DAY, None) + MARGIN

    def holds(self, one: Dated) -> bool:
        """Whether a reading is of one of these days."""
        return self.first <= day_of(one, self.zone) <= self.last


def length(day: date, zone: tzinfo) -> timedelta:
    """How long a day is: 23 or 25 hours when clocks change."""
    return start(day + DAY, zone) - start(day, zone)


def start(day: date, zone: tzinfo | None) -> datetime:
    """When a day begins, in UTC; without a zone the day of UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone or UTC).astimezone(UTC)


def by_day(found: Iterable[Some], zone: tzinfo | None) -> Mapping[date, list[Some]]:
    """Readings by day, in the order of time."""
    out: dict[date, list[Some]] = {}
    for one in sorted(found, key=lambda one: one.instant):
        out.setdefault(day_of(one, zone), []).append(one)
    return out


def runs(days: Iterable[date], *, most: int) -> list[tuple[date, date]]:
    """Days as spans without gaps, first and last day of each, none longer than `most` days."""
    out: list[tuple[date, date]] = []
    for day in sorted(set(days)):
        if out and day - out[-1][1] == DAY and day - out[-1][0] < most * DAY:
            out[-1] = (out[-1][0], day)
        else:
            out.append((day, day))
    return out
