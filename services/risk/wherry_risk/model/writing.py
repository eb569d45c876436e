"""When the worker writes a RiskAssessment though an earlier one of the same model still stands."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal


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
