"""What is usual for one person: the median of weeks, and how far their numbers stray from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from wherry.units import conversion
from wherry_devices.mapping.days import Window, day_of
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.stored import Fact
from wherry_devices.mapping.vitals import VITALS

DAYS = 28
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
    days: int
    facts: tuple[Fact, ...]

    def strayed(self, value: Decimal, *, accuracy: Decimal) -> Decimal:
        """How many deviations a value lies from the median; a device's accuracy is the least one.

        Source: robust z-score, Iglewicz and Hoaglin 1993.
        """
        return (value - self.median) / max(_NORMAL * self.mad, accuracy)


def baseline(facts: Iterable[Fact], kind: str, window: Window) -> Baseline | None:
    """The baseline of a kind over a window of days; None while there is too little.

    Counted are numbers of devices that are not marked as doubtful. The order of facts and how often
    each is given does not matter.
    """
    unit = VITALS[kind].units[0]
    found: dict[str, tuple[Fact, Decimal]] = {}
    days = set()
    for one in sorted(facts, key=lambda one: (one.instant, one.name)):
        convert = conversion(one.ucum, unit)
        if one.kind != kind or not one.usual or one.comparator or convert is None:
            continue
        if window.holds(one):
            found[one.name] = one, convert(one.value)
            days.add(day_of(one, window.zone))
    if len(found) < _LEAST_READINGS or len(days) < _LEAST_DAYS:
        return None
    values = [value for _, value in found.values()]
    middle = median(values)
    mad = median(abs(value - middle) for value in values)
    return Baseline(kind, unit, middle, mad, len(days), tuple(one for one, _ in found.values()))


def late(reading: Reading, received_at: datetime) -> bool:
    """Whether a reading came so long after it was measured that nobody may be paged by it.

    What was measured on a day that has no hour may have been measured at its end.
    """
    measured = reading.end or reading.instant
    return received_at - measured > (2 * _LATE if reading.civil else _LATE)
