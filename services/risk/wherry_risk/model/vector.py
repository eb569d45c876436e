"""Series of inputs become the row of numbers that a graph takes; training and serving use it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wherry_risk.model.aggregate import NOTHING, Aggregate, Series, Window, aggregated


class Column(NamedTuple):
    """One number of the row: of which input's series, by which rule, beside which other input."""

    name: str
    input: str
    window: Window
    against: "Column | None" = None


def row(columns: Sequence[Column], series: Mapping[str, Series], at_s: float) -> list[float]:
    """The numbers at this moment, in the order of the columns; NaN where nothing is known."""
    return [
        _number(column, known, series, at_s)
        if (known := series.get(column.input)) is not None
        else NOTHING
        for column in columns
    ]


def _number(column: Column, known: Series, series: Mapping[str, Series], at_s: float) -> float:
    value = aggregated(column.window, known, at_s)
    if column.against is None:
        return value
    beside = series.get(column.against.input)
    other = NOTHING if beside is None else aggregated(column.against.window, beside, at_s)
    if column.window.aggregate is Aggregate.DIFFERENCE:
        return value - other
    return value / other if other else NOTHING
