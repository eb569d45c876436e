"""Outcomes beside probabilities become the figures that a package states, with intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wherry_risk.training.metrics import (
    METRICS,
    RANKING,
    Array,
    Outcomes,
    interval,
    operating_point,
)
from wherry_risk.training.recipe import SEED

ENOUGH_EVENTS = 20
"""Below this a subgroup's figures say nothing; they are marked and not hidden."""

Figures = dict[str, Any]


def figures(died: Outcomes, p: Array, *, probability: bool = True) -> Figures:
    """The figures of one model on one set of stays; a mere score is only ranked."""
    told: Figures = {"n": len(died), "events": int(died.sum())}
    intervals: Figures = {}
    for name, metric in METRICS.items():
        if not probability and name not in RANKING:
            told[name] = None
            continue
        told[name] = rounded(metric(died, p))
        intervals[name] = [rounded(end) for end in interval(metric, died, p, seed=SEED)]
    return {**told, "intervals": intervals, "utility": None}


def brief(died: Outcomes, p: Array) -> Figures:
    """The figures without intervals, for tables of many rows."""
    told: Figures = {"n": len(died), "events": int(died.sum())}
    return {**told, **{name: rounded(metric(died, p)) for name, metric in METRICS.items()}}


def points(died: Outcomes, p: Array, thresholds: Sequence[float]) -> list[Figures]:
    """How each threshold does."""
    return [
        {"value": t, **{k: rounded(v) for k, v in operating_point(died, p, t).items()}}
        for t in thresholds
    ]


def by_group(died: Outcomes, p: Array, groups: Mapping[str, Outcomes]) -> Figures:
    """The figures of each group; "insufficient" where there are few events or few others."""
    told: Figures = {}
    for name, inside in groups.items():
        y = died[inside]
        if min(int(y.sum()), int((~y).sum())) < ENOUGH_EVENTS:
            told[name] = {"n": len(y), "events": int(y.sum()), "note": "insufficient"}
        else:
            told[name] = brief(y, p[inside])
    return told


def rounded(value: float) -> float | None:
    """Four digits; None for what is not defined."""
    return None if not np.isfinite(value) else round(float(value), 4)
