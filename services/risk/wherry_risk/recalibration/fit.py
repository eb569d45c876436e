"""Margins of local patients and what became of them become a new calibration, or a refusal."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from wherry.errors import Failure, Kind
from wherry_risk.onnx.manifest import Calibration
from wherry_risk.training.figures import Figures, brief
from wherry_risk.training.metrics import Array, logistic, sigmoid

LEAST = 100
"""Events, and others, of the site: with fewer the new slope is noise.

Source: the packages' change protocol (`change_control.allowed`).
"""
FOLDS = 5


class Known(NamedTuple):
    """The graph's margin of one score, what became of the person, and the part that they belong to.

    A person is in one of five parts, so that nobody is measured by what was fitted on them.
    """

    margin: float
    outcome: bool
    part: int


@dataclass(frozen=True, slots=True)
class Fit:
    """The new calibration, and figures on the same patients before and after it.

    `after` is cross-fitted: each part by the calibration of the other four. `slope` and `intercept`
    are what was changed in the log-odds of the version before.
    """

    calibration: Calibration
    slope: float
    intercept: float
    n: int
    events: int
    before: Figures
    after: Figures


def fitted(before: Calibration, known: Sequence[Known], *, told: str) -> Fit:
    """Slope and intercept by maximum likelihood over the log-odds that the version gives now.

    `told` says where, when and by whom. Raises: Failure(UNPROCESSABLE) for fewer than 100 events or
    100 others, and where the model ranks local patients the wrong way round.
    """
    y = np.array([one.outcome for one in known], dtype=bool)
    margin = np.array([one.margin for one in known], dtype=float)
    part = np.array([one.part for one in known])
    events = int(y.sum())
    _enough(events, len(y) - events)
    now = before.slope * margin + before.intercept
    slope, intercept = logistic(y, now)
    if slope <= 0 or not np.isfinite([slope, intercept]).all():
        text = "the model ranks local patients the wrong way round; recalibrating cannot mend that"
        raise Failure(Kind.UNPROCESSABLE, text, at="outcomes")
    return Fit(
        calibration=Calibration(
            method="platt",
            slope=slope * before.slope,
            intercept=slope * before.intercept + intercept,
            fitted_on=told,
        ),
        slope=slope,
        intercept=intercept,
        n=len(y),
        events=events,
        before=brief(y, sigmoid(now)),
        after=brief(y, _cross_fitted(y, now, part)),
    )


def part_of(patient: str) -> int:
    """One of five parts, the same for all scores of a person."""
    return crc32(patient.encode()) % FOLDS


def _enough(events: int, others: int) -> None:
    for name, count in (("events", events), ("people without the event", others)):
        if count < LEAST:
            text = f"{count} {name}; recalibrating takes at least {LEAST}"
            raise Failure(Kind.UNPROCESSABLE, text, at="outcomes")


def _cross_fitted(y: NDArray[np.bool_], now: Array, part: NDArray[np.int64]) -> Array:
    made = np.empty(len(y))
    for one in np.unique(part):
        inside = part == one
        slope, intercept = logistic(y[~inside], now[~inside])
        made[inside] = sigmoid(slope * now[inside] + intercept)
    return made
