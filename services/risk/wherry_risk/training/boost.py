"""Rows and outcomes become calibrated trees that bear being away of whole panels."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from wherry_risk.onnx.manifest import Feature
from wherry_risk.training.assemble import Rows
from wherry_risk.training.metrics import Array, Outcomes, logistic, sigmoid
from wherry_risk.training.recipe import (
    DROPOUT_COPIES,
    DROPOUT_SHARE,
    FEATURES,
    FILLED,
    NAMES,
    PARAMETERS,
    ROUNDS,
    SEED,
)


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


def fit(train: tuple[Rows, Outcomes], calibrate: tuple[Rows, Outcomes], *, robust: bool) -> Fitted:
    """Trees of one part of the stays, calibrated on another.

    `robust` teaches them that what is charted differs from hospital to hospital.

    Source: Platt scaling (Platt 1999).
    """
    rows, died = _charted_otherwise(*train) if robust else train
    weight = np.full(len(died), len(train[1]) / len(died))  # copies are no more evidence
    data = lightgbm.Dataset(
        rows, died.astype(int), weight=weight, feature_name=[n.replace("-", "_") for n in NAMES]
    )
    trees = lightgbm.train(dict(PARAMETERS), data, ROUNDS)
    margin = np.asarray(trees.predict(calibrate[0], raw_score=True, num_threads=1))
    slope, intercept = logistic(calibrate[1], margin)
    # as the graph holds them
    return Fitted(trees, float(np.float32(slope)), float(np.float32(intercept)))


def panels(features: Sequence[Feature] = FEATURES) -> dict[str, list[int]]:
    """The columns that go away together; those without which the model refuses never do."""
    groups: dict[str, list[int]] = defaultdict(list)
    for place, feature in enumerate(features):
        if not feature.required:
            groups[feature.group].append(place)
    return dict(groups)


def _charted_otherwise(rows: Rows, died: Outcomes) -> tuple[Rows, Outcomes]:
    """The stays, and copies of them in which panels are missing at random."""
    random = np.random.default_rng(SEED)
    copies = [_filled(rows, random)]
    for _ in range(DROPOUT_COPIES):
        copy = _filled(rows, random)
        for places in panels().values():
            away = random.random(len(rows)) < DROPOUT_SHARE
            copy[np.ix_(away, np.array(places))] = np.nan
        copies.append(copy)
    return np.concatenate(copies), np.tile(died, len(copies))


def _filled(rows: Rows, random: np.random.Generator) -> Rows:
    filled = rows.copy()
    for place in map(NAMES.index, FILLED):
        away = np.isnan(rows[:, place])
        filled[away, place] = random.choice(rows[~away, place], int(away.sum()))
    return filled
