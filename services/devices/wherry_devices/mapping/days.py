"""Readings fall on the days of the person who was measured, 23 and 25 hours long ones included."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from wherry_devices.mapping.reading import Origin, Reading
from wherry_devices.mapping.vitals import SUSPECT


def day_of(reading: Reading, zone: ZoneInfo) -> date:
    """The calendar day of a reading where the person lives; a civil day is the one it names."""
    return reading.instant.date() if reading.civil else reading.instant.astimezone(zone).date()


def length(day: date, zone: ZoneInfo) -> timedelta:
    """How long a day is: 23 or 25 hours when clocks change."""
    starts = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, _next(day)))
    first, second = (one.astimezone(UTC) for one in starts)
    return second - first


def counted(reading: Reading) -> bool:
    """Whether a number may enter an average or a baseline: measured, believed, of a person."""
    return (
        reading.value is not None
        and not reading.comparator
        and not reading.demo
        and not reading.deleted
        and reading.origin is Origin.DEVICE
        and SUSPECT not in reading.quality
    )


def by_day(readings: Iterable[Reading], zone: ZoneInfo) -> Mapping[date, list[Reading]]:
    """The readings that count, by day, in the order of days."""
    found: dict[date, list[Reading]] = {}
    for one in sorted(filter(counted, readings), key=lambda one: one.instant):
        found.setdefault(day_of(one, zone), []).append(one)
    return found


def _next(day: date) -> date:
    return day + timedelta(days=1)
