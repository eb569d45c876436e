"""Hourly alarms become the utility score of the PhysioNet Challenge 2019."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherry_risk.training.metrics import Array, Outcomes

# Source: Reyna et al., Crit Care Med 2020;48:210-217; the organisers' evaluation code.
EARLY_H, OPTIMAL_H, LATE_H = -12, -6, 3
MOST, LEAST, FALSE_ALARM = 1.0, -2.0, -0.05


@dataclass(frozen=True, slots=True)
class Worth:
    """Per hour, what an alarm adds to silence, and what the best possible choice adds."""

    gain: Array
    best: Array

    def score(self, alarms: Outcomes) -> float:
        """1 for the best possible alarms, 0 for silence; NaN when nobody had sepsis."""
        return ratio(float(self.gain[alarms].sum()), float(self.best.sum()))


def worth_of(label: Outcomes, patient: NDArray[np.str_]) -> Worth:
    """The worth of each hour; `label` is 1 from 6 h before onset, a patient's hours are in order.

    The best choice is an alarm from 12 h before onset until 3 h after it, and silence elsewhere.
    """
    gain, best = np.full(len(label), FALSE_ALARM), np.zeros(len(label))
    for start, end in spans(patient):
        if not label[start:end].any():
            continue
        hour = np.arange(end - start) - (int(np.argmax(label[start:end])) - OPTIMAL_H)
        gain[start:end] = _alarm(hour) - _silence(hour)
        inside = (hour >= EARLY_H) & (hour <= LATE_H)
        best[start:end] = np.where(inside, gain[start:end], 0.0)
    return Worth(gain, best)


def ratio(gained: float, possible: float) -> float:
    """Gained of possible; NaN when nothing was possible."""
    return gained / possible if possible else float("nan")


def spans(patient: NDArray[np.str_]) -> Iterator[tuple[int, int]]:
    """First row and the row after the last, of each patient in turn."""
    starts = np.flatnonzero(np.r_[True, patient[1:] != patient[:-1]])
    return zip(starts.tolist(), [*starts[1:].tolist(), len(patient)], strict=True)


def _alarm(hour: NDArray[np.int64]) -> Array:
    """By hours since onset: rises until 6 h before, falls to 0 at 3 h after; too early costs."""
    rising = MOST * (hour - EARLY_H) / (OPTIMAL_H - EARLY_H)
    falling = MOST * (LATE_H - hour) / (LATE_H - OPTIMAL_H)
    worth = np.where(hour <= OPTIMAL_H, np.maximum(rising, FALSE_ALARM), falling)
    return np.where(hour > LATE_H, 0.0, worth)


def _silence(hour: NDArray[np.int64]) -> Array:
    """By hours since onset: free until 6 h before, then ever dearer until 3 h after."""
    falling = LEAST * (hour - OPTIMAL_H) / (LATE_H - OPTIMAL_H)
    return np.where((hour <= OPTIMAL_H) | (hour > LATE_H), 0.0, falling)
