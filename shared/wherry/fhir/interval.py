"""A FHIR date, dateTime, instant or Period becomes the span of time that it covers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from wherry.errors import Failure, Kind

Interval = tuple[int, int]
"""Microseconds since 1970 in UTC: first one inside, first one after."""

BEFORE_ALL = -(2**62)
AFTER_ALL = 2**62

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)
_MINUTE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-]\d\d:\d\d)?", re.ASCII)
_SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.(\d+))?(?:Z|[+-]\d\d:\d\d)?", re.ASCII)

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
"""Comparison prefixes of a date parameter. Source: FHIR R4 search, 3.1.1.4.5."""


@lru_cache(4096)  # the results of one message mostly share their time
def interval(text: str) -> Interval:
    """The span that `text` covers; what says no zone is read as UTC.

    Raises: Failure(INVALID) when it is no FHIR date or time.
    Source: FHIR R4 search, 3.1.1.4.8 (precision makes the implied range).
    """
    try:
        if found := _SECOND.fullmatch(text):
            digits = len(found[1] or "")
            start = _us(datetime.fromisoformat(text))
            return start, start + 10 ** (6 - min(digits, 6))
        if found := _MINUTE.fullmatch(text):
            start = _us(datetime.fromisoformat(f"{found[1]}:00{found[2] or ''}"))
            return start, start + 60_000_000
        if found := _PARTIAL.fullmatch(text):
            return _partial(*found.groups())
    except ValueError:
        pass
    raise Failure(Kind.INVALID, "not a FHIR date or time", at="date")


def span(value: str | Mapping[str, Any]) -> Interval:
    """The span of a date, dateTime or instant (text), or of a Period with its open ends."""
    if isinstance(value, str):
        return interval(value)
    start, end = value.get("start"), value.get("end")
    return (
        interval(start)[0] if start else BEFORE_ALL,
        interval(end)[1] if end else AFTER_ALL,
    )


def holds(prefix: str, target: Interval, asked: Interval) -> bool:
    """Whether a resource's span answers `prefix` + `asked`; widen `asked` first for `ap`.

    Source: FHIR R4 search, 3.1.1.4.5, the table of prefixes.
    """
    inside = asked[0] <= target[0] and target[1] <= asked[1]
    return {
        "eq": inside,
        "ne": not inside,
        "gt": target[1] > asked[1],
        "lt": target[0] < asked[0],
        "ge": target[1] > asked[1] or inside,
        "le": target[0] < asked[0] or inside,
        "sa": target[0] >= asked[1],
        "eb": target[1] <= asked[0],
        "ap": target[0] < asked[1] and target[1] > asked[0],
    }[prefix]


def micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment."""
    return (moment - _EPOCH) // _US


def _us(moment: datetime) -> int:
    return micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _partial(year: str, month: str | None, day: str | None) -> Interval:
    start = datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC)
    if day:
        return _us(start), _us(start) + 86_400_000_000
    if start.year == 9999 and month in {None, "12"}:
        return _us(start), AFTER_ALL
    if month:
        after = start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)
    else:
        after = start.replace(year=start.year + 1)
    return _us(start), _us(after)
