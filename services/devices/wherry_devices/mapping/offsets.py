"""The ways in which payloads write an offset from UTC become a timedelta."""

import re
from datetime import datetime, timedelta
from typing import Any

from wherry_devices.mapping.numbers import whole

_WIDEST = timedelta(hours=14)
_HALF_HOUR = timedelta(minutes=30)
_MINUTE = timedelta(minutes=1)
_HOURS = 14
_CLOCK = re.compile(r"(?P<sign>[+-])?(?P<hours>\d{2}):?(?P<minutes>[0-5]\d)", re.ASCII)
_SECONDS = re.compile(r"-?\d{1,5}s", re.ASCII)
_UNITS = {"s": timedelta(seconds=1), "min": timedelta(minutes=1), "h": timedelta(hours=1)}
IN = frozenset({"", "hhmm", *_UNITS})


def of(value: Any, unit: str = "") -> timedelta | None:
    """`-05:00`, `-0500`, `-18000s`, or a whole number in `unit`; None for all that is no offset.

    Numbers in hhmm are 530 for half past five, and single hours up to 14.
    """
    found = _text(value) if isinstance(value, str) else _number(value, unit)
    return found if found is not None and abs(found) <= _WIDEST and not found % _MINUTE else None


def between(local: datetime, utc: datetime) -> timedelta | None:
    """The offset, to half an hour, of a local time from the UTC of the same moment."""
    found = round((local - utc) / _HALF_HOUR) * _HALF_HOUR
    return found if abs(found) <= _WIDEST else None


def _text(text: str) -> timedelta | None:
    if text == "Z":
        return timedelta()
    if _SECONDS.fullmatch(text):
        return timedelta(seconds=int(text[:-1]))
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    size = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return -size if found["sign"] == "-" else size


def _number(value: Any, unit: str) -> timedelta | None:
    number = whole(value)
    if number is None or abs(number) > 100_000:
        return None
    if unit in _UNITS:
        return number * _UNITS[unit]
    if unit != "hhmm":
        return None
    if abs(number) <= _HOURS:
        return timedelta(hours=number)
    hours, minutes = divmod(abs(number), 100)
    size = timedelta(hours=hours, minutes=minutes)
    return -size if number < 0 else size
