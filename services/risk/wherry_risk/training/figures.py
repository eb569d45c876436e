"""Outcomes beside probabilities become the figures that a package states, with intervals."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wherry_risk.training.assemble import Names
from wherry_risk.training.metrics import (
    METRICS,
    RANKING,
    Array,
    Outcomes,
    drawn,
    operating_point,
    percentiles,
)
from wherry_risk.training.seed import SEED
from wherry_risk.training.utility import Worth, ratio, worth_of

ENOUGH_EVENTS = 20
"""Below this a subgroup's figures say nothing; they are marked and not hidden."""
ROUNDS, MANY_ROWS, ROUNDS_OF_MANY = 200, 20_000, 100
"""How often people are drawn again; of many rows the ends of an interval vary little."""

Figures = dict[str, Any]


def figures(
    y: Outcomes, p: Array, person: Names, *, probability: bool = True, alarm: float | None = None
) -> Figures:
    """The figures of one model on one set of rows; a mere score is only ranked.

    `alarm`: the threshold at which hourly alarms are raised; with it there is a utility.
    Intervals: people are drawn with replacement, each with all their rows.
    """
    told: Figures = {"n": len(y), "events": int(y.sum()), "patients": len(np.unique(person))}
    names = tuple(METRICS) if probability else RANKING
    told |= {name: rounded(METRICS[name](y, p)) if name in names else None for name in METRICS}
    told["utility"] = None
    draws = drawn(person, seed=SEED, rounds=ROUNDS if len(y) <= MANY_ROWS else ROUNDS_OF_MANY)
    ends = {name: _ends(name, y, p, draws) for name in names}
    if alarm is not None:
        worth = worth_of(y, person)
        told["utility"] = rounded(worth.score(p >= alarm))
        ends["utility"] = _utility_ends(worth, p >= alarm, draws)
    return {**told, "intervals": ends}


def _ends(name: str, y: Outcomes, p: Array, draws: Sequence[Array]) -> list[float | None]:
    values = []
    for times in draws:
        inside = times > 0
        values.append(METRICS[name](y[inside], p[inside], times[inside]))
    return [rounded(end) for end in percentiles(values)]


def _utility_ends(worth: Worth, alarms: Outcomes, draws: Sequence[Array]) -> list[float | None]:
    gained = np.where(alarms, worth.gain, 0.0)
    values = [ratio(float(times @ gained), float(times @ worth.best)) for times in draws]
    return [rounded(end) for end in percentiles(values)]


def brief(y: Outcomes, p: Array) -> Figures:
    """The figures without intervals, for tables of many rows."""
    told: Figures = {"n": len(y), "events": int(y.sum())}
    return {**told, **{name: rounded(metric(y, p)) for name, metric in METRICS.items()}}


def points(y: Outcomes, p: Array, thresholds: Sequence[float]) -> list[Figures]:
    """How each threshold does."""
    return [
        {"value": t, **{k: rounded(v) for k, v in operating_point(y, p, t).items()}}
        for t in thresholds
    ]


def by_group(y: Outcomes, p: Array, groups: Mapping[str, Outcomes]) -> Figures:
    """The figures of each group; "insufficient" where there are few events or few others."""
    told: Figures = {}
    for name, inside in groups.items():
        of = y[inside]
        if min(int(of.sum()), int((~of).sum())) < ENOUGH_EVENTS:
            told[name] = {"n": len(of), "events": int(of.sum()), "note": "insufficient"}
        else:
            told[name] = brief(of, p[inside])
    return told


def best_alarm(y: Outcomes, p: Array, person: Names) -> float:
    """The threshold with the best utility, of three digits as thresholds are shown."""
    worth = worth_of(y, person)
    tried = sorted({round(float(t), 3) for t in np.quantile(p, np.linspace(0.5, 0.995, 100))})
    return max((t for t in tried if t > 0), key=lambda t: worth.score(p >= t))


def calibration_curve(y: Outcomes, p: Array, bins: int = 10) -> list[Figures]:
    """Per tenth of the rows, by rising probability: what was expected and what was seen."""
    parts = np.array_split(np.argsort(p, kind="stable"), bins)
    return [
        {
            "n": len(part),
            "expected": rounded(p[part].mean()),
            "observed": rounded(y[part].mean()),
        }
        for part in parts
        if len(part)
    ]


def rounded(value: float) -> float | None:
    """Four digits; None for what is not defined."""
    return None if not np.isfinite(value) else round(float(value), 4)
