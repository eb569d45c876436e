"""An instant with its offset and where that came from, out of one or two texts or numbers."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wherry.fhir.dates import is_valid
from wherry_devices.mapping.numbers import decimal, whole
from wherry_devices.mapping.reading import Clock, OffsetOrigin

# Seconds since 1970: before is a clock that was never set, after is not an epoch in seconds.
_EPOCHS = range(946_684_800, 4_102_444_800)  # the years 2000 to 2099
MINUTE = timedelta(minutes=1)
_SECONDS = {"ms": Decimal("0.001"), "sec": Decimal(1), "s": Decimal(1), "min": Decimal(60)} | {
    "h": Decimal(3600), "d": Decimal(86400), "wk": Decimal(604800)
}  # fmt: skip
_LONGEST_S = 366 * 86400


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware datetime in its own offset; `marks` say what had to be assumed."""

    at: datetime
    offset_origin: OffsetOrigin
    end: datetime | None = None
    clock: Clock = Clock.SYNCED
    civil: bool = False
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """What is known besides the payload: this site's IANA zone, and when the payload came.

    `account` is whose it is when it names neither a device nor an account.
    """

    zone: str = ""
    received_at: datetime | None = None
    account: str = ""


NOWHERE = Site()


def epoch(seconds: Any, zone: Any) -> Moment | None:
    """Seconds since 1970, shown in the IANA zone if there is one; None when it is no such time."""
    number = whole(seconds)
    if number is None or number not in _EPOCHS:
        return None
    instant = datetime.fromtimestamp(number, UTC)
    found = zone_of(zone) if isinstance(zone, str) and zone else None
    if found is None:
        return Moment(instant, OffsetOrigin.NONE)
    local = instant.astimezone(found)
    offset = local.utcoffset()
    if offset is None or offset % MINUTE:  # FHIR has no seconds in an offset
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


def interval(start: Any, end: Any, lasts: timedelta | None = None) -> Moment | None:
    """From one ISO time to another that is not before it; one of the two may be told by a length.

    None when the three contradict each other.
    """
    first, last = iso(start), iso(end)
    if lasts is not None and lasts >= timedelta():
        try:
            if first is None and last is not None and start in (None, ""):
                first = replace(last, at=last.at - lasts)
            elif last is None and first is not None and end in (None, ""):
                last = replace(first, at=first.at + lasts)
        except OverflowError:
            return None
    if first is None or last is None or last.at < first.at:
        return None
    return Moment(first.at, first.offset_origin, last.at)


def length(number: Any, unit: Any) -> timedelta | None:
    """How long something took; None for months and years, which are not all equally long.

    Source: IEEE 1752.1, duration-unit-value.
    """
    amount = decimal(number)
    seconds = _SECONDS.get(unit) if isinstance(unit, str) else None
    if amount is None or seconds is None or not 0 <= amount * seconds <= _LONGEST_S:
        return None
    return timedelta(microseconds=int(amount * seconds * 1_000_000))


def local(text: Any, zone: Any, origin: OffsetOrigin, near: datetime | None) -> Moment | None:
    """A local time in a zone. An hour that comes twice is the one nearer to `near`, and marked.

    A time that the zone skips is marked as well: the clock showed what no clock there should.
    """
    naive, found = naive_of(text), zone_of(zone) if isinstance(zone, str) and zone else None
    if naive is None or found is None:
        return None
    both = [naive.replace(tzinfo=found, fold=fold) for fold in (0, 1)]
    first, second = (one.astimezone(UTC) for one in both)
    chosen, marks = both[0], tuple[str, ...]()
    if first != second:
        if near is not None and abs(near - second) < abs(near - first) and second <= near:
            chosen = both[1]
        marks = ("ambiguous-time",)
    offset = chosen.utcoffset()
    if offset is None or offset % MINUTE:
        return None
    return Moment(naive.replace(tzinfo=timezone(offset)), origin, marks=marks)


def naive_of(text: Any) -> datetime | None:
    """A time without an offset, as `2026-02-01T07:30:00`; what stands after it is not looked at."""
    if not isinstance(text, str) or not is_valid("dateTime", text[:19] + "Z"):
        return None
    try:
        return datetime.fromisoformat(text[:19])
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def zone_of(name: str) -> ZoneInfo | None:
    """The IANA zone of this name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
