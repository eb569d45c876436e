"""What monitoring looks at: scores as they were given, and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, float] = MappingProxyType({})
NO_REASONS: Mapping[str, str] = MappingProxyType({})


class Level(StrEnum):
    """How much something asks for attention; the later ones ask more."""

    OK = "ok"
    INSUFFICIENT = "insufficient"
    WARN = "warn"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True)
class Seen:
    """One score or refusal.

    `row` holds the numbers of the graph in the order of the manifest, NaN where nothing was known;
    empty when the model reads no row. `ages_s` and `lags_s` are by input: how old the value was at
    `at`, and how long it took from the measurement until the record had it; `reasons` by input, why
    it was missing.
    Units: seconds.
    """

    patient: str
    at: datetime
    probability: float | None
    tier: str = ""
    refusal: str = ""
    row: Sequence[float] = ()
    ages_s: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    lags_s: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    reasons: Mapping[str, str] = field(default_factory=lambda: NO_REASONS)


@dataclass(frozen=True, slots=True)
class Known:
    """Scores of which it is known what became of the person: a row for each, in order of time."""

    probability: Sequence[float]
    outcome: Sequence[bool]
    patient: Sequence[str]
    groups: Mapping[str, Sequence[bool]]


def worst(levels: Sequence[Level]) -> Level:
    """The level that asks for the most attention; OK when there is none."""
    order = list(Level)
    return max(levels, key=order.index, default=Level.OK)
