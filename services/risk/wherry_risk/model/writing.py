"""When the worker writes a RiskAssessment though an earlier one of the same model still stands."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class WritePolicy:
    """It is written when the tier is another, or one of these is reached.

    `delta`: how far the probability, or the points of a published score, moved since the one that
    stands. `refresh`: how much newer the newest input is than that of the one that stands.
    """

    delta: Decimal
    refresh: timedelta


POINTS = WritePolicy(delta=Decimal(1), refresh=timedelta(hours=4))
"""Of a published score every point counts; by four hours its vital signs count no longer."""


class Why(StrEnum):
    """Why a RiskAssessment is written."""

    FIRST = "first"
    WITHDRAWN = "withdrawn"
    CORRECTED = "corrected"
    MODEL = "model"
    TIER = "tier"
    COMPLETENESS = "completeness"
    MOVED = "moved"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Stand:
    """What an assessment says that decides: by which version, how urgent, how high, from when.

    `status` is preliminary for a partial score. `newest` is the time of the newest input.
    """

    version: str
    status: str
    tier: str
    score: Decimal
    newest: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of the newest assessment of this model: what it says, and whether it holds.

    `corrected`: an Observation that counted for it says something else now, or nothing.
    """

    says: Stand | None = None
    withdrawn: bool = False
    corrected: bool = False


def why(policy: WritePolicy, made: Stand, standing: Standing) -> Why | None:
    """Why the one that was made is to be written; None when the one that stands says enough.

    What was made from older inputs than the one that stands means that inputs are gone: written.
    """
    stands = standing.says
    if standing.withdrawn:
        return Why.WITHDRAWN
    if stands is None:
        return Why.FIRST
    reasons = (
        (Why.CORRECTED, standing.corrected or made.newest < stands.newest),
        (Why.MODEL, made.version != stands.version),
        (Why.TIER, made.tier != stands.tier),
        (Why.COMPLETENESS, made.status != stands.status),
        (Why.MOVED, abs(made.score - stands.score) >= policy.delta),
        (Why.REFRESH, made.newest - stands.newest >= policy.refresh),
    )
    return next((reason for reason, holds in reasons if holds), None)
