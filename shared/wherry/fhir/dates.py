"""FHIR date, dateTime, instant and time strings → whether they exist, and in which order."""

import re
from calendar import monthrange
from datetime import datetime

# FHIR R4 datatypes.html#primitive. Month lengths are part of the pattern; 29 February is not.
_YEAR = r"(?!0000)[0-9]{4}"
_DAY = (
    r"(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"

ORDINARY = {
    "date": re.compile(rf"{_YEAR}(?:-(?:{_DAY}|0[1-9]|1[0-2]))?"),
    "dateTime": re.compile(rf"{_YEAR}(?:-(?:{_DAY}(?:T{_TIME}{_ZONE})?|0[1-9]|1[0-2]))?"),
    "instant": re.compile(rf"{_YEAR}-{_DAY}T{_TIME}{_ZONE}"),
    "time": re.compile(_TIME),
}
"""Patterns of every valid value but those on a 29 February."""

_LEAP_DAY = re.compile(rf"(?P<year>{_YEAR})-02-29(?P<rest>T{_TIME}{_ZONE})?")


def is_valid(kind: str, text: str) -> bool:
    """Whether this is a value of `kind` (date, dateTime, instant, time) that exists.

    Source: FHIR R4 datatypes.html#primitive; a time of day needs seconds and an offset.
    """
    if ORDINARY[kind].fullmatch(text):
        return True
    leap = _LEAP_DAY.fullmatch(text)
    if leap is None or monthrange(int(leap["year"]), 2)[1] != 29:
        return False
    return kind == "dateTime" or (kind == "date") == (leap["rest"] is None)


def in_order(start: str, end: str) -> bool:
    """Whether `start` is not known to be after `end`; both are valid dates or dateTimes.

    Two instants are compared as instants. Otherwise only the part that both have is compared, by
    the local calendar: 2026-05 is not after 2026-05-01.
    """
    if len(start) > 10 and len(end) > 10:
        return _instant(start) <= _instant(end)
    shared = min(len(start), len(end), 10)
    return start[:shared] <= end[:shared]


def _instant(text: str) -> tuple[datetime, str]:
    """The second as an aware datetime, then the digits of its fraction: no digit is lost."""
    offset_at = -1 if text.endswith("Z") else -6
    second, _, fraction = text[11:offset_at].partition(".")
    if second.endswith(":60"):
        second, fraction = second[:-2] + "59", "9" * 9 + fraction
    return datetime.fromisoformat(f"{text[:11]}{second}{text[offset_at:]}"), fraction.rstrip("0")
