"""The name of a time zone becomes the zone."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wherry.errors import Failure, Kind

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)


def zone(name: str) -> tzinfo | None:
    """A zone by its IANA name (Europe/Berlin), an offset (+01:00) or UTC; None for an empty name.

    Raises: Failure(INVALID) at zone when there is none of this name.
    """
    if not name or name == "UTC":
        return UTC if name else None
    if found := _OFFSET.fullmatch(name):
        span = timedelta(hours=int(found[2]), minutes=int(found[3]))
        if span <= timedelta(hours=14):
            return timezone(-span if found[1] == "-" else span)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Failure(Kind.INVALID, "no time zone of this name", at="zone") from None
