"""Numbers and the distribution of training become PSI, a test, and a level of concern."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import erfc, exp, gamma, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry_risk.monitoring.seen import Level

Array = NDArray[np.float64]

LEAST_SHARE = 1e-4
"""Stands for an empty bin, so that the index stays finite."""
SIGNIFICANT = 0.01
FLAG_BINS = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """From which PSI somebody is told, and how many rows it takes to say anything."""

    warn: float = 0.10
    alarm: float = 0.25
    least: int = 500


@dataclass(frozen=True, slots=True)
class Drift:
    """How far one number has moved from training.

    `test` is "ks" for what is measured and "chi2" for flags; `p` is corrected for all tests that
    were made together. `missing` and `missing_before` are shares of the rows.
    """

    name: str
    n: int
    psi: float | None
    missing: float
    missing_before: float
    test: str
    statistic: float | None
    p: float | None
    level: Level


def shares_of(values: Array, edges: Sequence[float]) -> Array:
    """The share of each bin of the reference, the last that of what is missing."""
    known = values[~np.isnan(values)]
    inner = np.searchsorted(np.asarray(edges, float), known, side="left")
    counts = np.bincount(inner, minlength=len(edges) + 1)
    return np.append(counts, len(values) - len(known)) / max(len(values), 1)


def psi(expected: Array, observed: Array) -> float:
    """Population stability index of two lists of shares.

    Source: Siddiqi, Credit Risk Scorecards, 2006; below .10 little has changed, above .25 much.
    """
    before = np.maximum(expected, LEAST_SHARE)
    now = np.maximum(observed, LEAST_SHARE)
    return float(((now - before) * np.log(now / before)).sum())


def drift_of(
    name: str, values: Array, reference: Mapping[str, Any], *, rows: int, limits: Limits
) -> Drift:
    """The drift of one number; `reference` is its entry in reference.json, made of `rows` rows.

    `p` is not yet corrected: see `corrected`.
    """
    edges = list(reference["edges"])
    before = np.append(np.asarray(reference["shares"] or [0.0], float), reference["missing"])
    now = shares_of(values, edges)
    flag = len(edges) + 1 <= FLAG_BINS
    enough = len(values) >= limits.least
    index = psi(before, now) if enough else None
    statistic, p = _test(before, now, flag, rows, len(values)) if enough else (None, None)
    return Drift(
        name=name,
        n=len(values),
        psi=index,
        missing=float(now[-1]),
        missing_before=float(before[-1]),
        test="chi2" if flag else "ks",
        statistic=statistic,
        p=p,
        level=_level(index, limits),
    )


def corrected(drifts: Sequence[Drift]) -> list[Drift]:
    """The same with p corrected for as many tests as there are.

    Source: Holm, Scand J Statist 1979;6:65-70.
    """
    order = sorted(
        (n for n, one in enumerate(drifts) if one.p is not None), key=lambda n: _p(drifts[n])
    )
    made = list(drifts)
    highest = 0.0
    for place, n in enumerate(order):
        highest = max(highest, min(1.0, _p(drifts[n]) * (len(order) - place)))
        made[n] = replace(drifts[n], p=highest)
    return made


def drifts(
    names: Sequence[str],
    rows: Array,
    scores: Array,
    reference: Mapping[str, Any],
    *,
    limits: Limits,
) -> list[Drift]:
    """The drift of every feature, and of the score under the name "score"."""
    of = int(reference["rows"])
    told = [
        drift_of(name, rows[:, n], reference["features"][name], rows=of, limits=limits)
        for n, name in enumerate(names)
    ]
    told.append(drift_of("score", scores, reference["score"], rows=of, limits=limits))
    return corrected(told)


def ks_p(distance: float, n: int, m: int) -> float:
    """The chance of such a distance between two samples of one distribution, asymptotically.

    Source: Smirnov 1948; Stephens' correction for few rows, J R Stat Soc B 1970;32:115-122.
    """
    root = sqrt(n * m / (n + m))
    x = (root + 0.12 + 0.11 / root) * distance
    if x < 0.2:  # the series does not converge, and the chance is 1 to ten digits
        return 1.0
    total = 2 * sum((-1) ** (k - 1) * exp(-2 * (k * x) ** 2) for k in range(1, 101))
    return float(min(1.0, max(0.0, total)))


def chi2_p(statistic: float, degrees: int) -> float:
    """The chance of such a chi-squared or a larger one; exact for whole degrees of freedom."""
    half = statistic / 2
    if degrees % 2 == 0:
        terms = (half**k / gamma(k + 1) for k in range(degrees // 2))
        return min(1.0, exp(-half) * sum(terms))
    terms = (half ** (k - 0.5) / gamma(k + 0.5) for k in range(1, (degrees + 1) // 2))
    return min(1.0, erfc(sqrt(half)) + exp(-half) * sum(terms))


def _test(before: Array, now: Array, flag: bool, rows: int, n: int) -> tuple[float, float]:
    """Chi-squared of the shares of a flag; the largest distance at the edges of what is measured.

    Both are of two samples, since what training saw was a sample too.
    """
    if flag:
        kept = (before + now) > 0
        both = (before * rows + now * n)[kept] / (rows + n)
        of = (before[kept], rows), (now[kept], n)
        statistic = float(sum(((one - both) ** 2 / both).sum() * size for one, size in of))
        return statistic, chi2_p(statistic, max(int(kept.sum()) - 1, 1))
    known = 1 - before[-1], 1 - now[-1]
    if min(known) <= 0:
        return 0.0, 1.0
    distance = float(
        np.abs(np.cumsum(before[:-1]) / known[0] - np.cumsum(now[:-1]) / known[1]).max()
    )
    return distance, ks_p(distance, max(round(rows * known[0]), 1), max(round(n * known[1]), 1))


def _level(index: float | None, limits: Limits) -> Level:
    if index is None:
        return Level.INSUFFICIENT
    if index >= limits.alarm:
        return Level.ALARM
    return Level.WARN if index >= limits.warn else Level.OK


def _p(one: Drift) -> float:
    return 1.0 if one.p is None else one.p
