"""Outcomes and probabilities become the figures of a prediction model; numpy only."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Outcomes = NDArray[np.bool_]
Metric = Callable[[Outcomes, Array], float]

TINY = 1e-12


def auroc(y: Outcomes, p: Array) -> float:
    """The chance that an event ranks above a non-event; ties count half (Mann-Whitney U)."""
    events, others = int(y.sum()), int((~y).sum())
    if not events or not others:
        return float("nan")
    _, place, counts = np.unique(p, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[y].sum() - events * (events + 1) / 2) / (events * others))


def auprc(y: Outcomes, p: Array) -> float:
    """Average precision: the precision at each threshold, weighted by the recall it adds."""
    if not y.any():
        return float("nan")
    order = np.argsort(-p, kind="stable")
    last = np.r_[np.diff(p[order]) != 0, True]  # of tied scores only the whole group is a threshold
    hits = np.cumsum(y[order])[last]
    flagged = np.flatnonzero(last) + 1
    gained = np.diff(np.r_[0, hits]) / hits[-1]
    return float(np.sum(gained * hits / flagged))


def brier(y: Outcomes, p: Array) -> float:
    """Mean squared error of the probability."""
    return float(np.mean((p - y) ** 2))


def o_e(y: Outcomes, p: Array) -> float:
    """Observed events over expected ones."""
    return float(y.sum() / max(float(p.sum()), TINY))


def slope(y: Outcomes, p: Array) -> float:
    """Calibration slope: 1 is right, below 1 the probabilities are too extreme."""
    return logistic(y, logit(p))[0]


def ece(y: Outcomes, p: Array, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size."""
    order = np.argsort(p, kind="stable")
    parts = np.array_split(order, bins)
    return float(
        sum(len(part) * abs(p[part].mean() - y[part].mean()) for part in parts if len(part))
        / len(y)
    )


METRICS: dict[str, Metric] = {
    "auroc": auroc,
    "auprc": auprc,
    "brier": brier,
    "slope": slope,
    "ece": ece,
    "o_e": o_e,
}
RANKING = ("auroc", "auprc")
"""What a score that is no probability can be measured by."""


def logit(p: Array) -> Array:
    """Log-odds, kept finite."""
    kept = np.clip(p, TINY, 1 - TINY)
    return np.asarray(np.log(kept / (1 - kept)))


def sigmoid(x: Array) -> Array:
    """The inverse of `logit`."""
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -500, 500))))


def logistic(y: Outcomes, x: Array, *, rounds: int = 50) -> tuple[float, float]:
    """Slope and intercept of the maximum-likelihood logistic regression of y on x (Newton)."""
    design = np.column_stack([x, np.ones_like(x)])
    weights = np.array([1.0, 0.0])
    for _ in range(rounds):
        p = sigmoid(design @ weights)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + TINY * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (y - p))
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    return float(weights[0]), float(weights[1])


def interval(
    metric: Metric, y: Outcomes, p: Array, *, seed: int, rounds: int = 500
) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval, stays drawn with replacement."""
    random = np.random.default_rng(seed)
    drawn = (random.integers(0, len(y), len(y)) for _ in range(rounds))
    values = [metric(y[rows], p[rows]) for rows in drawn]
    low, high = np.nanpercentile(values, [2.5, 97.5])
    return float(low), float(high)


def operating_point(y: Outcomes, p: Array, threshold: float) -> dict[str, float]:
    """How a threshold does: share flagged, sensitivity, specificity, predictive values."""
    flagged = p >= threshold
    hits, alarms = int((flagged & y).sum()), int(flagged.sum())
    events, n = int(y.sum()), len(y)
    return {
        "flag": alarms / n,
        "sens": hits / max(events, 1),
        "spec": 1 - (alarms - hits) / max(n - events, 1),
        "ppv": hits / max(alarms, 1),
        "npv": 1 - (events - hits) / max(n - alarms, 1),
    }
