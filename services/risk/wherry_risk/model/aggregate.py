"""The values of one input over time become the one value that counts; training uses it too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

Number = float | Decimal


class Aggregate(StrEnum):
    """Which value of the window counts; WORST is the one farthest from `typical`."""

    LAST = "last"
    MIN = "min"
    MAX = "max"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Window:
    """What counts of a series: how, back to when, and how old the newest value may be.

    Units: seconds before the moment of judgement.
    """

    aggregate: Aggregate
    lookback_s: float
    max_age_s: float
    typical: Decimal = Decimal(0)


def fresh(window: Window, ages_s: Sequence[float]) -> bool:
    """Whether the newest value is recent enough for the series to count at all."""
    return bool(ages_s) and min(ages_s) <= window.max_age_s


def decisive(window: Window, ages_s: Sequence[float], values: Sequence[Number]) -> int | None:
    """The place of the value that counts; of equals the newest. None when nothing counts.

    Source: APACHE's worst value of the first day, the one that deviates most from a mid-point.
    """
    if not fresh(window, ages_s):
        return None
    rank, typical = _RANKS[window.aggregate], float(window.typical)
    places = [n for n, age_s in enumerate(ages_s) if age_s <= window.lookback_s]
    return min(places, key=lambda n: (rank(float(values[n]), typical), ages_s[n]), default=None)


# By value and typical value; the lowest rank counts.
_RANKS: Mapping[Aggregate, Callable[[float, float], float]] = {
    Aggregate.LAST: lambda _value, _typical: 0.0,
    Aggregate.MIN: lambda value, _typical: value,
    Aggregate.MAX: lambda value, _typical: -value,
    Aggregate.WORST: lambda value, typical: -abs(value - typical),
}
