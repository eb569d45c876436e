"""What every risk model is: facts in, a score or a refusal out; published scores and ONNX alike."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from wherry_risk.model.facts import Facts, Missing
from wherry_risk.model.feed import Lag
from wherry_risk.model.performance import Performance
from wherry_risk.model.reading import Reading
from wherry_risk.model.spec import ModelSpec


class RefusalCode(StrEnum):
    """Why a model says nothing rather than something unfounded."""

    MISSING_INPUTS = "missing_inputs"
    STALE_INPUTS = "stale_inputs"
    OUT_OF_POPULATION = "out_of_population"
    FEED_LAG = "feed_lag"


@dataclass(frozen=True, slots=True)
class Part:
    """What one input, or a group of features with one clinical meaning, adds to the score.

    `points` are points of a published score, or log-odds of a trained model. `reading` is what it
    rests on; None for a part that rests on several or on none.
    """

    name: str
    label: str
    points: Decimal
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Graph:
    """What the graph of a trained model was given and gave, unrounded: little-endian float32."""

    row: bytes
    margin: bytes
    probability: bytes
    contributions: bytes


@dataclass(frozen=True, slots=True)
class Score:
    """A result. `probability` only where the model was calibrated to give one, never derived.

    `partial`: optional inputs are in `missing` and count nothing; the score is then a lower bound
    and `at_most` is the total if they were all at their worst. `graph` is there for trained models.
    `lag`: the feed lies behind, though not yet by so much that the model refuses.
    `performance`: how good a trained model was at this tier, on people it had not seen.
    """

    score: Decimal
    probability: Decimal | None
    tier: str
    parts: tuple[Part, ...]
    partial: bool
    at_most: Decimal | None
    missing: tuple[Missing, ...]
    graph: Graph | None = field(default=None, repr=False)
    lag: Lag | None = None
    performance: Performance | None = None


LACKING = frozenset({RefusalCode.MISSING_INPUTS, RefusalCode.STALE_INPUTS})
"""Refusals after which a sibling that reads less may answer."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """No result, why, in words that may be shown, and the inputs that would be needed.

    `lag`: the figures, when it is because of the feed.
    """

    code: RefusalCode
    text: str
    missing: tuple[Missing, ...] = ()
    lag: Lag | None = None


class Model(Protocol):
    """A risk model: pure and deterministic, the same facts always give the same answer."""

    @property
    def spec(self) -> ModelSpec:
        """Who the model is, whom it is for and what it reads."""
        ...

    @property
    def siblings(self) -> tuple[str, ...]:
        """Models of the same question to ask in turn when this one lacks inputs."""
        ...

    def score(self, facts: Facts, *, at: datetime) -> Score | Refusal:
        """Judge the facts, which were gathered for this model's spec at the same `at`."""
        ...


Registry = Mapping[str, Model]
"""The models of this service by id."""
