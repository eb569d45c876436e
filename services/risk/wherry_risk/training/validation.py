"""All stays become out-of-fold probabilities: what the recipe, not one lucky split, can do."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherry_risk.training.assemble import Rows
from wherry_risk.training.boost import fit, panels
from wherry_risk.training.figures import Figures, brief
from wherry_risk.training.isotonic import apply, isotonic
from wherry_risk.training.metrics import Array, Outcomes
from wherry_risk.training.physionet2012 import shares
from wherry_risk.training.recipe import FOLDS, MIN_KNOWN

CALIBRATION_SHARE = 0.25

# What is away in practice: hospitals whose charts send no totals and no ventilator values, and
# laboratories that did not answer.
GAPS = {
    "nothing away": (),
    "urine and ventilation": ("urine", "ventilation"),
    "blood gas": ("blood-gas",),
    "urine, ventilation and blood gas": ("urine", "ventilation", "blood-gas"),
    "chemistry": ("chemistry",),
    "liver": ("liver",),
    "coma scale": ("gcs",),
    "respiratory rate": ("respiratory-rate",),
}


@dataclass(frozen=True, slots=True)
class Validated:
    """Out-of-fold probabilities of all stays, and two comparisons that led to the recipe."""

    platt: Array
    isotonic: Array
    gaps: dict[str, dict[str, Figures]]


def cross_validate(
    rows: Rows, died: Outcomes, ids: NDArray[np.int64], *, step: Callable[[str], None]
) -> Validated:
    """Five-fold, each fold's stays unseen by trees and calibration alike."""
    fold = (shares(ids, "folds") * FOLDS).astype(int)
    calibrates = shares(ids, "calibration") < CALIBRATION_SHARE
    empty = np.full(len(died), np.nan)
    steps = empty.copy()
    found = {(name, kept): empty.copy() for name in GAPS for kept in (False, True)}
    for k in range(FOLDS):
        step(f"cross-validation, fold {k + 1} of {FOLDS}")
        train, test = (fold != k) & ~calibrates, fold == k
        held = (fold != k) & calibrates
        for robust in (False, True):
            model = fit((rows[train], died[train]), (rows[held], died[held]), robust=robust)
            for name in GAPS:
                found[name, robust][test] = model.probability(_without(rows[test], name))
        knots, values = isotonic(died[held], model.margin(rows[held]))
        steps[test] = apply(knots, values, model.margin(rows[test]))
    known = {name: (~np.isnan(_without(rows, name))).sum(1) >= MIN_KNOWN for name in GAPS}
    return Validated(
        platt=found["nothing away", True],
        isotonic=steps,
        gaps={
            name: {
                label: brief(died[known[name]], found[name, robust][known[name]])
                for label, robust in (("before", False), ("after", True))
            }
            for name in GAPS
        },
    )


def _without(rows: Rows, gap: str) -> Rows:
    places = [place for group in GAPS[gap] for place in panels()[group]]
    left = rows.copy()
    left[:, places] = np.nan
    return left
