"""People become rows of features, by the same rule that serving uses."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from wherry_risk.model.aggregate import Series
from wherry_risk.model.vector import Column, row
from wherry_risk.onnx.manifest import Feature, Input
from wherry_risk.onnx.spec_of import columns_of
from wherry_risk.training.comparators import news2_partial
from wherry_risk.training.people import Person

VITALS = frozenset({"heart-rate", "systolic-bp", "respiratory-rate", "temperature"})

Rows = NDArray[np.float32]
Outcomes = NDArray[np.bool_]
Names = NDArray[np.str_]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """A row for each moment of each person; rows of one person follow one another in time.

    `extra` marks further moments that only training uses; `news2` is partial, NaN without vitals.
    """

    rows: Rows
    outcome: Outcomes
    person: Names
    extra: Outcomes
    news2: Scores
    about: Mapping[str, Names]

    def of(self, chosen: Outcomes) -> "Table":
        """Only these rows."""
        return Table(
            self.rows[chosen],
            self.outcome[chosen],
            self.person[chosen],
            self.extra[chosen],
            self.news2[chosen],
            {name: told[chosen] for name, told in self.about.items()},
        )

    def only(self, places: Sequence[int]) -> "Table":
        """Only these columns."""
        return replace(self, rows=self.rows[:, list(places)])

    def patients(self) -> int:
        """How many people these are."""
        return len(np.unique(self.person))


def tabulate(
    inputs: Sequence[Input],
    features: Sequence[Feature],
    people: Iterable[Person],
    *,
    compared: Callable[[Person], bool] = lambda _: True,
) -> Table:
    """All rows as float32, the type that the graph takes; NEWS2 of those who are `compared`.

    Values outside of the plausible range are rejected and never clipped.
    """
    columns = columns_of(inputs, features)
    parts = [_table(inputs, columns, person, compared(person)) for person in people]
    if not parts:
        none = np.empty(0, bool)
        rows = np.empty((0, len(columns)), np.float32)
        return Table(rows, none, np.empty(0, str), none, np.empty(0), {})
    return Table(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.outcome for part in parts]),
        np.concatenate([part.person for part in parts]),
        np.concatenate([part.extra for part in parts]),
        np.concatenate([part.news2 for part in parts]),
        {name: np.concatenate([part.about[name] for part in parts]) for name in parts[0].about},
    )


def _table(
    inputs: Sequence[Input], columns: Sequence[Column], person: Person, compared: bool
) -> Table:
    series = plausible(inputs, person.series)
    moments = (*person.moments_s, *person.more_s)
    rows = np.array([row(columns, series, at_s) for at_s in moments], dtype=np.float32)
    news2 = np.full(len(moments), np.nan)
    if compared and not VITALS.isdisjoint(person.series):
        news2[: len(person.moments_s)] = news2_partial(person.series, person.moments_s)
    more = [person.outcomes[0]] * len(person.more_s) if person.more_s else []
    return Table(
        rows.reshape(len(moments), len(columns)),
        np.array([*person.outcomes, *more], dtype=bool),
        np.full(len(moments), person.id),
        np.arange(len(moments)) >= len(person.moments_s),
        news2,
        {name: np.full(len(moments), told) for name, told in person.about.items()},
    )


def plausible(inputs: Sequence[Input], series: Mapping[str, Series]) -> dict[str, Series]:
    """The series of these inputs without the values that cannot be true."""
    return {one.name: _kept(series[one.name], *one.plausible)
            for one in inputs if one.name in series}  # fmt: skip


def _kept(series: Series, low: float, high: float) -> Series:
    if all(low <= value <= high for value in series.values):
        return series
    kept = [n for n, value in enumerate(series.values) if low <= value <= high]
    return Series([series.at_s[n] for n in kept], [series.values[n] for n in kept])
