"""Scores and what became of the people become figures, a curve and a table of groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from wherry_risk.monitoring.seen import Known, Level
from wherry_risk.training.figures import (
    ENOUGH_EVENTS,
    Figures,
    by_group,
    calibration_curve,
    figures,
)

SLOPE = (0.8, 1.2)
O_E = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class Performance:
    """How the probabilities did; `figures` as `wherry risk evaluate` has them."""

    figures: Figures
    curve: list[Figures]
    groups: Mapping[str, Figures]
    level: Level


def performance(known: Known) -> Performance | None:
    """None when nothing is known of anybody; "insufficient" under 20 events or 20 others."""
    if not known.outcome:
        return None
    y = np.asarray(known.outcome, bool)
    p = np.asarray(known.probability, float)
    told = figures(y, p, np.asarray(known.patient, str))
    groups = by_group(
        y, p, {name: np.asarray(inside, bool) for name, inside in known.groups.items()}
    )
    return Performance(told, calibration_curve(y, p), groups, _level(told))


def _level(told: Mapping[str, Any]) -> Level:
    if min(told["events"], told["n"] - told["events"]) < ENOUGH_EVENTS:
        return Level.INSUFFICIENT
    slope, o_e = told["intervals"]["slope"], told["intervals"]["o_e"]
    outside = (_outside(slope, SLOPE), _outside(o_e, O_E))
    return Level.ALARM if any(outside) else Level.OK


def _outside(ends: Any, limits: tuple[float, float]) -> bool:
    """Whether the whole interval lies beyond the limits: then it is no chance."""
    low, high = ends
    return low is not None and high is not None and (high < limits[0] or low > limits[1])
