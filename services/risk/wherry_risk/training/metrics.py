"""Outcomes and probabilities become the figures of a prediction model; numpy only."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Outcomes = NDArray[np.bool_]
Metric = Callable[..., float]

TINY = 1e-12
NAN = float("nan")


def auroc(y: Outcomes, p: Array, weight: Array | None = None) -> float:
    """The chance that an event ranks above a non-event; ties count half (Mann-Whitney U)."""
    w = _weight(y, weight)
    _, place = np.unique(p, return_inverse=True)
    events = np.bincount(place, w * y)
    others = np.bincount(place, w * ~y)
    total = events.sum() * others.sum()
    if not total:
        return NAN
    below = np.cumsum(others) - others / 2
    return float((events * below).sum() / total)


def auprc(y: Outcomes, p: Array, weight: Array | None = None) -> float:
    """Average precision: the precision at each threshold, weighted by the recall it adds."""
    w = _weight(y, weight)
    _, place = np.unique(-p, return_inverse=True)
    events, all_ = np.bincount(place, w * y), np.bincount(place, w)
    if not events.sum():
        return NAN
    hits, flagged = np.cumsum(events), np.cumsum(all_)
    return float((events * hits / np.maximum(flagged, TINY)).sum() / events.sum())


def brier(y: Outcomes, p: Array, weight: Array | None = None) -> float:
    """Mean squared error of the probability."""
    return float(np.average((p - y) ** 2, weights=_weight(y, weight)))


def o_e(y: Outcomes, p: Array, weight: Array | None = None) -> float:
    """Observed events over expected ones."""
    w = _weight(y, weight)
    return float((w * y).sum() / max(float((w * p).sum()), TINY))


def slope(y: Outcomes, p: Array, weight: Array | None = None) -> float:
    """Calibration slope: 1 is right, below 1 the probabilities are too extreme."""
    return logistic(y, logit(p), weight)[0]


def ece(y: Outcomes, p: Array, weight: Array | None = None, bins: int = 10) -> float:
    """Expected calibration error over bins of equal size."""
    w = _weight(y, weight)
    order = np.argsort(p, kind="stable")
    middles = np.cumsum(w[order]) - w[order] / 2
    part = np.minimum(middles * bins / max(float(w.sum()), TINY), bins - 1).astype(int)
    off = np.bincount(part, (w * (p - y))[order], minlength=bins)
    return float(np.abs(off).sum() / w.sum())


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


def logistic(
    y: Outcomes, x: Array, weight: Array | None = None, *, rounds: int = 50
) -> tuple[float, float]:
    """Slope and intercept of the maximum-likelihood logistic regression of y on x (Newton)."""
    w = _weight(y, weight)
    design = np.column_stack([x, np.ones_like(x)])
    found = np.array([1.0, 0.0])
    for _ in range(rounds):
        p = sigmoid(design @ found)
        curvature = (design * (w * p * (1 - p))[:, None]).T @ design + TINY * np.eye(2)
        step = np.linalg.solve(curvature, design.T @ (w * (y - p)))
        found = found + step
        if np.abs(step).max() < 1e-10:
            break
    return float(found[0]), float(found[1])


def drawn(person: NDArray[np.str_], *, seed: int, rounds: int) -> "list[Array]":
    """How often each row counts in each round: as often as its person was drawn."""
    random = np.random.default_rng(seed)
    _, place = np.unique(person, return_inverse=True)
    people = int(place.max()) + 1
    counts = (np.bincount(random.integers(0, people, people), minlength=people)
              for _ in range(rounds))  # fmt: skip
    return [one[place].astype(np.float32) for one in counts]


def percentiles(values: list[float]) -> tuple[float, float]:
    """The ends of the middle 95 %; NaN when nothing is defined."""
    if np.isnan(values).all():
        return NAN, NAN
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


def _weight(y: Outcomes, weight: Array | None) -> Array:
    return np.ones(len(y)) if weight is None else weight.astype(float)
