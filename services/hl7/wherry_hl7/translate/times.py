"""HL7 DTM, DT and TM become FHIR dates and times that carry their offset."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import NamedTuple

# YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]. Source: HL7 v2.5.1 §2.A.22; Z, +HH and +HH:MM
# are what senders do.
_DTM = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:\.(\d{1,9}))?)?)?)?)?)?"
    r" ?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.ASCII,
)
_ISO = re.compile(
    r"(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?",
    re.ASCII,
)
_TM = re.compile(r"(\d\d)(?::?(\d\d)(?::?(\d\d)(?:\.(\d{1,9}))?)?)?(?:Z|[+-]\d\d:?\d\d)?", re.ASCII)
_FURTHEST = timedelta(hours=14)  # FHIR R4 dateTime: no offset beyond 14:00

INVALID = "not a valid date or time; left out"
NO_ZONE = "no zone is known for this time; only its date was kept"
SHIFTED = "this local time does not exist or exists twice in its zone; the first reading was taken"


class Moment(NamedTuple):
    """What one HL7 time says: `date` with its own precision, `full` with offset when it has a time.

    `remark` is why something was left out, empty when nothing was.
    """

    date: str = ""
    full: str = ""
    remark: str = ""


def read(raw: str, zone: tzinfo | None) -> Moment:
    """Read a DTM, TS or DT; `zone` is for values without their own offset.

    From hours on FHIR wants minutes and seconds: missing ones are zero, as HL7 2.A.22 reads them.
    """
    found = _DTM.fullmatch(raw) or _DTM.fullmatch(_compact(raw))
    if found is None or found[1] == "0000":
        return Moment(remark=INVALID)
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        local = _local((year, month, day), (hour, minute, second))
    except ValueError:
        return Moment(remark=INVALID)
    if day is None:
        return Moment(f"{year}-{month}" if month else year)
    date = local.date().isoformat()
    if hour is None:
        return Moment(date)
    own = _offset(offset) if offset else None
    if own is not None:  # the same all year
        return Moment(date, _clock(local.replace(tzinfo=own), fraction))
    return _timed(local, date, fraction, zone)


def time_of_day(raw: str) -> str:
    """A TM as FHIR time, which has no place for a zone; empty when it is none."""
    found = _TM.fullmatch(raw)
    if found is None:
        return ""
    hour, minute, second, fraction = found.groups("00")
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        return ""
    tail = fraction.rstrip("0") if found[4] else ""
    return f"{hour}:{minute}:{second}" + (f".{tail}" if tail else "")


def offset_of(raw: str) -> tzinfo | None:
    """The offset that a DTM carries itself."""
    found = _DTM.fullmatch(raw)
    return _offset(found[8]) if found and found[8] else None


def _local(day: Sequence[str | None], clock: Sequence[str | None]) -> datetime:
    year, month, number = int(day[0] or 1), int(day[1] or 1), int(day[2] or 1)
    hour, minute, second = int(clock[0] or 0), int(clock[1] or 0), int(clock[2] or 0)
    if (hour, minute, second) == (24, 0, 0):  # the end of the day
        return datetime(year, month, number) + timedelta(days=1)  # noqa: DTZ001 - zone follows
    return datetime(year, month, number, hour, minute, second)  # noqa: DTZ001 - zone follows


def _timed(local: datetime, date: str, fraction: str | None, zone: tzinfo | None) -> Moment:
    if zone is None:
        return Moment(date, remark=NO_ZONE)
    aware = local.replace(tzinfo=zone)
    offset = aware.utcoffset()
    if offset is None or offset.seconds % 60 or abs(offset) > _FURTHEST:
        return Moment(date, remark=NO_ZONE)
    later = aware.replace(fold=1).utcoffset()
    return Moment(date, _clock(aware, fraction), SHIFTED if later != offset else "")


def _clock(aware: datetime, fraction: str | None) -> str:
    clock = aware.isoformat()
    return f"{clock[:19]}.{fraction}{clock[19:]}" if fraction else clock


@lru_cache(maxsize=256)
def _offset(text: str) -> tzinfo | None:
    if text == "Z":
        return timezone.utc  # noqa: UP017 - one kind of zone for all offsets
    hours, minutes = int(text[1:3]), int(text[-2:]) if len(text) > 3 else 0
    span = timedelta(hours=hours, minutes=minutes)
    if minutes > 59 or span > _FURTHEST:
        return None
    return timezone(-span if text[0] == "-" else span)


def _compact(raw: str) -> str:
    """An ISO 8601 text as a DTM; the text itself when it is none."""
    found = _ISO.fullmatch(raw)
    return "".join(part or "" for part in found.groups()) if found else raw
