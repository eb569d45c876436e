"""The data types of Google Health that we ask for: names, windows, filters, times. Pure.

Source: developers.google.com/health: data types; endpoints, filters.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Type:
    """A data type, how much of it is asked for at once, and how late it may come."""

    id: str
    window: timedelta
    late: timedelta
    is_daily: bool = False

    @property
    def name(self) -> str:
        """Its name in filters."""
        return self.id.replace("-", "_")

    @property
    def member(self) -> str:
        """Its name in data points."""
        first, *others = self.id.split("-")
        return first + "".join(one.capitalize() for one in others)


_DAY, _MONTH = timedelta(days=1), timedelta(days=30)
TYPES = (  # new ones at the end: a cursor holds one time for each
    Type("heart-rate", _DAY, 3 * _DAY),
    Type("weight", _MONTH, _MONTH),
    Type("oxygen-saturation", _DAY, 3 * _DAY),
    Type("blood-glucose", 7 * _DAY, 7 * _DAY),
    Type("core-body-temperature", _MONTH, _MONTH),
    Type("body-fat", _MONTH, _MONTH),
    Type("daily-resting-heart-rate", _MONTH, _MONTH, is_daily=True),
)
"""What the template makes readings of; a device that comes online late tells all it has."""


def filter_of(type_: Type, at: datetime, after: datetime) -> str:
    """Points from `at` on and before `after`; of types that have days alone, all of those days."""
    if type_.is_daily:
        last = after.date() + timedelta(days=1)
        return f'{type_.name}.date >= "{at.date()}" AND {type_.name}.date < "{last}"'
    time = f"{type_.name}.sample_time.physical_time"
    return f'{time} >= "{_text(at)}" AND {time} < "{_text(after)}"'


def times(points: Sequence[Any], type_: Type) -> Iterator[int]:
    """When the points were measured, in seconds; those that do not say it move no cursor."""
    for point in points:
        said = point.get(type_.member) if isinstance(point, dict) else None
        if isinstance(said, Mapping):
            try:
                yield _seconds(said, type_)
            except (KeyError, TypeError, ValueError, OverflowError):
                continue


def _seconds(said: Mapping[str, Any], type_: Type) -> int:
    if not type_.is_daily:
        return int(datetime.fromisoformat(said["sampleTime"]["physicalTime"]).timestamp())
    day = date(*(int(said["date"][part]) for part in ("year", "month", "day")))
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def _text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
