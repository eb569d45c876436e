"""What a payload says of time becomes an instant with its offset and where that came from."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wherry.fhir.dates import is_valid
from wherry_devices.mapping.numbers import whole
from wherry_devices.mapping.reading import OffsetOrigin

# Seconds since 1970: before is a clock that was never set, after is not an epoch in seconds.
_EPOCHS = range(946_684_800, 4_102_444_800)  # the years 2000 to 2099
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware datetime in its own offset."""

    at: datetime
    offset_origin: OffsetOrigin
    end: datetime | None = None


def epoch(seconds: Any, zone: Any) -> Moment | None:
    """Seconds since 1970, shown in the IANA zone if there is one; None when it is no such time."""
    number = whole(seconds)
    if number is None or number not in _EPOCHS:
        return None
    instant = datetime.fromtimestamp(number, UTC)
    found = _zone(zone) if isinstance(zone, str) and zone else None
    if found is None:
        return Moment(instant, OffsetOrigin.NONE)
    local = instant.astimezone(found)
    offset = local.utcoffset()
    if offset is None or offset % _MINUTE:  # FHIR has no seconds in an offset
        return Moment(instant, OffsetOrigin.NONE)
    return Moment(local.astimezone(timezone(offset)), OffsetOrigin.PROFILE)


def iso(text: Any) -> Moment | None:
    """An ISO 8601 time of day with its offset; None without one: it could be any of 26 hours."""
    if not isinstance(text, str) or "T" not in text or not is_valid("dateTime", text):
        return None
    try:
        return Moment(datetime.fromisoformat(text), OffsetOrigin.SOURCE)
    except ValueError:  # a leap second, or more digits than microseconds have
        return None


def interval(start: Any, end: Any) -> Moment | None:
    """From one ISO time to another that is not before it."""
    first, last = iso(start), iso(end)
    if first is None or last is None or last.at < first.at:
        return None
    return Moment(first.at, first.offset_origin, last.at)


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
