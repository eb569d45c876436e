"""The values of one input over time become the one value that counts; training uses it too."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

Number = float | Decimal
NOTHING = float("nan")


class Aggregate(StrEnum):
    """Which value of the window counts; WORST is the one farthest from `typical`.

    DELTA is the newest minus the oldest, PATH the mean change between neighbours without its sign;
    both are 0 for a single value, so that they never tell how often somebody measured. RATIO and
    DIFFERENCE put the newest value beside that of another input.
    """

    LAST = "last"
    FIRST = "first"
    MIN = "min"
    MAX = "max"
    WORST = "worst"
    MEAN = "mean"
    SUM = "sum"
    DELTA = "delta"
    PATH = "path"
    RATIO = "ratio"
    DIFFERENCE = "difference"


@dataclass(frozen=True, slots=True)
class Window:
    """What counts of a series: how, back to when, and how old the newest value may be.

    Units: seconds before the moment of judgement.
    """

    aggregate: Aggregate
    lookback_s: float
    max_age_s: float
    typical: Decimal = Decimal(0)


class Series(NamedTuple):
    """Values of one input in order of time; of equal times the one that counts stands last.

    Units: seconds since any moment.
    """

    at_s: Sequence[float]
    values: Sequence[float]


def fresh(window: Window, ages_s: Sequence[float]) -> bool:
    """Whether the newest value is recent enough for the series to count at all."""
    return bool(ages_s) and min(ages_s) <= window.max_age_s


def decisive(window: Window, ages_s: Sequence[float], values: Sequence[Number]) -> int | None:
    """The place of the value that counts; of equals the newest. None when nothing counts.

    What is made of several values rests on the newest of them.
    Source: APACHE's worst value of the first day, the one that deviates most from a mid-point.
    """
    if not fresh(window, ages_s):
        return None
    rank = _RANKS.get(window.aggregate, _RANKS[Aggregate.LAST])
    typical = float(window.typical)
    places = [n for n, age_s in enumerate(ages_s) if age_s <= window.lookback_s]
    return min(places, key=lambda n: (rank(float(values[n]), typical), ages_s[n]), default=None)


def aggregated(window: Window, series: Series, at_s: float) -> float:
    """What the series says at this moment by the rule of the window; NaN when it says nothing."""
    stop = bisect_right(series.at_s, at_s)
    if not stop or at_s - series.at_s[stop - 1] > window.max_age_s:
        return NOTHING
    if window.aggregate is Aggregate.LAST and window.lookback_s >= window.max_age_s:
        return series.values[stop - 1]
    start = bisect_left(series.at_s, at_s - window.lookback_s, 0, stop)
    if start == stop:
        return NOTHING
    return _VALUES[window.aggregate](series.values[start:stop], float(window.typical))


def _delta(values: Sequence[float], _typical: float) -> float:
    return values[-1] - values[0]


def _path(values: Sequence[float], _typical: float) -> float:
    steps = [abs(after - before) for before, after in pairwise(values)]
    return sum(steps) / len(steps) if steps else 0.0


# By value and typical value; the lowest rank counts.
_RANKS: Mapping[Aggregate, Callable[[float, float], float]] = {
    Aggregate.LAST: lambda _value, _typical: 0.0,
    Aggregate.MIN: lambda value, _typical: value,
    Aggregate.MAX: lambda value, _typical: -value,
    Aggregate.WORST: lambda value, typical: -abs(value - typical),
}

# Of values in order of time, and the typical value.
_VALUES: Mapping[Aggregate, Callable[[Sequence[float], float], float]] = {
    Aggregate.LAST: lambda values, _typical: values[-1],
    Aggregate.FIRST: lambda values, _typical: values[0],
    Aggregate.MIN: lambda values, _typical: min(values),
    Aggregate.MAX: lambda values, _typical: max(values),
    Aggregate.MEAN: lambda values, _typical: sum(values) / len(values),
    Aggregate.SUM: lambda values, _typical: sum(values),
    Aggregate.WORST: lambda values, typical: max(
        reversed(values), key=lambda value: abs(value - typical)
    ),
    Aggregate.DELTA: _delta,
    Aggregate.PATH: _path,
    Aggregate.RATIO: lambda values, _typical: values[-1],
    Aggregate.DIFFERENCE: lambda values, _typical: values[-1],
}
