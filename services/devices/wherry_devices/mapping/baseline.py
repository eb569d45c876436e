"""What is usual for one person: the median of weeks, and how far their numbers stray from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from zoneinfo import ZoneInfo

from wherry.units import conversion
from wherry_devices.mapping.days import counted, day_of
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.vitals import VITALS

_WINDOW = timedelta(days=28)
_LEAST_READINGS, _LEAST_DAYS = 5, 3
_LATE = timedelta(hours=24)
_NORMAL = Decimal("1.4826")
"""The MAD of normally distributed numbers times this is their standard deviation."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """Median and median absolute deviation in the first unit of the kind, and what they rest on."""

    kind: str
    ucum: str
    median: Decimal
    mad: Decimal
    readings: int
    days: int
    since: datetime
    until: datetime

    def strayed(self, value: Decimal, *, accuracy: Decimal) -> Decimal:
        """How many deviations a value lies from the median; a device's accuracy is the least one.

        Source: robust z-score, Iglewicz and Hoaglin 1993.
        """
        return (value - self.median) / max(_NORMAL * self.mad, accuracy)


def baseline(
    readings: Sequence[Reading], kind: str, *, until: datetime, zone: ZoneInfo
) -> Baseline | None:
    """The baseline of a kind over the four weeks up to an instant; None while there is too little.

    Counted are numbers of devices that are not marked as doubtful. The order of readings and how
    often each was delivered does not matter.
    """
    unit = VITALS[kind].units[0]
    found: dict[tuple[str, datetime], Decimal] = {}
    days = set()
    for one in readings:
        convert = conversion(one.ucum, unit)
        inside = until - _WINDOW < one.instant <= until
        if one.kind == kind and inside and counted(one) and convert and one.value is not None:
            found[one.owner, one.instant] = convert(one.value)
            days.add(day_of(one, zone))
    if len(found) < _LEAST_READINGS or len(days) < _LEAST_DAYS:
        return None
    middle = median(found.values())
    mad = median(abs(value - middle) for value in found.values())
    instants = [instant for _, instant in found]
    return Baseline(kind, unit, middle, mad, len(found), len(days), min(instants), max(instants))


def late(reading: Reading, received_at: datetime) -> bool:
    """Whether a reading came so long after it was measured that nobody may be paged by it.

    What was measured on a day that has no hour may have been measured at its end.
    """
    measured = reading.end or reading.instant
    return received_at - measured > (2 * _LATE if reading.civil else _LATE)
