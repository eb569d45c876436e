"""Outcomes in order of margin become a rising step function; kept to compare Platt scaling with."""

import numpy as np

from wherry_risk.training.metrics import Array, Outcomes


def isotonic(y: Outcomes, x: Array) -> tuple[Array, Array]:
    """Knots and probabilities of the best rising fit (pool adjacent violators)."""
    order = np.argsort(x, kind="stable")
    pools: list[tuple[float, int, float]] = []  # events, stays, highest margin
    for place in order:
        pools.append((float(y[place]), 1, float(x[place])))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            events, n, high = pools.pop()
            before = pools.pop()
            pools.append((before[0] + events, before[1] + n, high))
    knots = np.array([high for _, _, high in pools])
    return knots, np.array([events / n for events, n, _ in pools])


def apply(knots: Array, values: Array, x: Array) -> Array:
    """The probability of each margin: that of the pool it falls into."""
    places = np.minimum(np.searchsorted(knots, x), len(knots) - 1)
    return np.asarray(values[places])
