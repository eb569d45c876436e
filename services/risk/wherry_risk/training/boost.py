"""Rows and outcomes become calibrated trees that bear being away of whole panels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from wherry_risk.training.assemble import Outcomes, Rows, Table
from wherry_risk.training.metrics import Array, logistic, sigmoid
from wherry_risk.training.recipes.recipe import SEED, Recipe

CHUNK = 200_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """Trees and their Platt scaling."""

    trees: Any
    slope: float
    intercept: float

    def margin(self, rows: Rows) -> Array:
        """Log-odds before calibration."""
        return np.asarray(self.trees.predict(rows, raw_score=True, num_threads=1))

    def probability(self, rows: Rows) -> Array:
        """The calibrated probability."""
        return sigmoid(self.slope * self.margin(rows) + self.intercept)


def grown(recipe: Recipe, train: Table, *, robust: bool, step: Any = None) -> Any:
    """Trees of the training part; `robust` teaches them that charts differ between hospitals."""
    rows, outcome, weight = _weighted(recipe, train)
    if robust:
        rows, outcome, weight = _charted_otherwise(recipe, rows, outcome, weight)
    data = lightgbm.Dataset(
        rows,
        outcome.astype(int),
        weight=weight,
        feature_name=[name.replace("-", "_") for name in recipe.names],
    )
    return lightgbm.train(dict(recipe.parameters), data, recipe.rounds,
                          callbacks=[step] if step else None)  # fmt: skip


def calibrated(trees: Any, calibrate: Table) -> Fitted:
    """The trees with Platt scaling fitted on people whom they have not seen.

    Source: Platt scaling (Platt 1999).
    """
    margin = np.asarray(trees.predict(calibrate.rows, raw_score=True, num_threads=1))
    slope, intercept = logistic(calibrate.outcome, margin)
    # as the graph holds them
    return Fitted(trees, float(np.float32(slope)), float(np.float32(intercept)))


def _weighted(recipe: Recipe, train: Table) -> tuple[Rows, Outcomes, Array]:
    """The hours that were kept of people who never have the outcome stand for all of theirs."""
    ever = np.isin(train.person, np.unique(train.person[train.outcome]))
    return train.rows, train.outcome, np.where(ever, 1.0, 1 / recipe.kept)


def _charted_otherwise(
    recipe: Recipe, rows: Rows, outcome: Outcomes, weight: Array
) -> tuple[Rows, Outcomes, Array]:
    """The rows, and copies of them in which panels are missing at random."""
    random = np.random.default_rng(SEED)
    made = [_filled(recipe, rows, random)]
    for _ in range(recipe.copies):
        copy = _filled(recipe, rows, random)
        for places in recipe.panels().values():
            away = random.random(len(rows)) < recipe.dropout
            copy[np.ix_(away, np.array(places))] = np.nan
        made.append(copy)
    times = len(made)  # copies are no more evidence
    return np.concatenate(made), np.tile(outcome, times), np.tile(weight / times, times)


def _filled(recipe: Recipe, rows: Rows, random: np.random.Generator) -> Rows:
    filled = rows.copy()
    for name in recipe.filled:
        places = np.array(recipe.columns(name))
        away = np.isnan(rows[:, places]).all(1)
        if away.any() and not away.all():
            donors = random.choice(np.flatnonzero(~away), int(away.sum()))
            filled[np.ix_(away, places)] = rows[np.ix_(donors, places)]
    return filled


def without(rows: Rows, places: Sequence[int]) -> Rows:
    """The rows with these columns away."""
    left = rows.copy()
    left[:, list(places)] = np.nan
    return left
