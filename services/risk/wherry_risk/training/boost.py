"""Rows and outcomes become calibrated trees that bear being away of whole panels."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import lightgbm
import msgspec
import numpy as np

from wherry_risk.training.assemble import Outcomes, Rows, Table
from wherry_risk.training.metrics import Array, logistic, sigmoid
from wherry_risk.training.people import share
from wherry_risk.training.recipes.recipe import Recipe
from wherry_risk.training.seed import SEED


@dataclass(frozen=True, slots=True)
class Bag:
    """Trees of one training, or of several whose margins are averaged."""

    boosters: tuple[Any, ...]

    def margin(self, rows: Rows) -> Array:
        """Log-odds before calibration."""
        margins = [one.predict(rows, raw_score=True, num_threads=1) for one in self.boosters]
        return np.asarray(np.mean(margins, axis=0))

    def trees(self) -> list[Mapping[str, Any]]:
        """All trees, each with its share of the values."""
        told = [one.dump_model()["tree_info"] for one in self.boosters]
        share_ = 1 / len(told)
        return [
            {**tree, "tree_structure": _scaled(tree["tree_structure"], share_)}
            for trees in told
            for tree in trees
        ]

    def text(self) -> bytes:
        """Everything, as JSON that `read` takes back."""
        return msgspec.json.encode([one.model_to_string() for one in self.boosters])

    @classmethod
    def read(cls, text: bytes) -> "Bag":
        """The trees of this text."""
        return cls(tuple(lightgbm.Booster(model_str=one) for one in msgspec.json.decode(text)))


@dataclass(frozen=True, slots=True)
class Fitted:
    """Trees and their Platt scaling."""

    trees: Bag
    slope: float
    intercept: float

    def margin(self, rows: Rows) -> Array:
        """Log-odds before calibration."""
        return self.trees.margin(rows)

    def probability(self, rows: Rows) -> Array:
        """The calibrated probability."""
        return sigmoid(self.slope * self.margin(rows) + self.intercept)


def grown(
    recipe: Recipe, train: Table, *, robust: bool, step: Callable[[Any], None] | None = None
) -> Bag:
    """Trees of the training part; `robust` teaches them that charts differ between hospitals.

    Each training of a bag leaves out another share of the people.
    """
    if recipe.bags == 1:
        return Bag((_grown(recipe, train, 0, robust=robust, step=step),))
    ids, place = np.unique(train.person, return_inverse=True)
    bag = np.array([int(share(f"{recipe.salt}/bag", id_) * recipe.bags) for id_ in ids.tolist()])
    return Bag(
        tuple(
            _grown(recipe, train.of(bag[place] != n), n, robust=robust, step=step)
            for n in range(recipe.bags)
        )
    )


def _grown(
    recipe: Recipe, train: Table, n: int, *, robust: bool, step: Callable[[Any], None] | None
) -> Any:
    rows, outcome, weight = _weighted(recipe, train)
    if robust:
        rows, outcome, weight = _charted_otherwise(recipe, rows, outcome, weight)
    data = lightgbm.Dataset(
        rows,
        outcome.astype(int),
        weight=weight,
        feature_name=[name.replace("-", "_") for name in recipe.names],
    )
    own = recipe.varied[n % len(recipe.varied)] if recipe.varied else {}
    parameters = {**recipe.parameters, **own, "seed": SEED + n}
    return lightgbm.train(parameters, data, recipe.rounds, callbacks=[step] if step else None)


def calibrated(trees: Bag, calibrate: Table) -> Fitted:
    """The trees with Platt scaling fitted on people whom they have not seen.

    Source: Platt scaling (Platt 1999).
    """
    slope, intercept = logistic(calibrate.outcome, trees.margin(calibrate.rows))
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


def _scaled(part: Mapping[str, Any], by: float) -> dict[str, Any]:
    """A tree whose values are multiplied."""
    made = dict(part)
    for name in ("leaf_value", "internal_value"):
        if name in made:
            made[name] = made[name] * by
    for side in ("left_child", "right_child"):
        if side in made:
            made[side] = _scaled(made[side], by)
    return made
