"""FHIR date and time texts become aware datetimes, or nothing when they do not name a moment."""

import re
from datetime import date, datetime

# Source: FHIR R4 datatypes, dateTime and instant: with a time, seconds and an offset are mandatory.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


def moment(text: str) -> datetime | None:
    """An aware datetime, offset as sent; None for a bare date or a text that is no time."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def latest_birth(text: str) -> date | None:
    """The latest day that a full or partial birthDate allows, so that age is never overstated."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        if day:
            return date(year, month, day)
        return date(year, month or 12, 1).replace(day=_last_day(year, month or 12))
    except ValueError:
        return None


def full_years(born: date, on: date) -> int:
    """Completed years of life; a birthday on 29 February is reached on 1 March of common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _last_day(year: int, month: int) -> int:
    if month == 12:
        return 31
    return (date(year, month + 1, 1) - date(year, month, 1)).days
