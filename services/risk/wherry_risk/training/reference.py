"""The rows of training become the distributions that later rows are compared with."""

from typing import Any

import msgspec
import numpy as np

from wherry_risk.onnx.manifest import Feature, Reference
from wherry_risk.training.assemble import Rows, Table
from wherry_risk.training.figures import calibration_curve
from wherry_risk.training.metrics import Array
from wherry_risk.training.recipes.recipe import Recipe

BINS = 10


def with_reference(recipe: Recipe, rows: Rows) -> tuple[Feature, ...]:
    """The features with what they looked like in training."""
    told = []
    for place, feature in enumerate(recipe.features):
        known = rows[:, place][~np.isnan(rows[:, place])]
        ends = np.percentile(known, [1, 50, 99]) if len(known) else [0.0, 0.0, 0.0]
        p1, p50, p99 = (round(float(p), 3) for p in ends)
        rate = round(1 - len(known) / len(rows), 4)
        reference = Reference(missing_rate=rate, p1=p1, p50=p50, p99=p99)
        told.append(msgspec.structs.replace(feature, reference=reference))
    return tuple(told)


def reference(features: tuple[Feature, ...], train: Table, p: Array) -> dict[str, Any]:
    """Per feature, edges of bins and the share in each, NaN apart; deciles of the score."""
    return {
        "rows": len(train.outcome),
        "features": {
            feature.name: _distribution(train.rows[:, place])
            for place, feature in enumerate(features)
        },
        "score": _distribution(p),
        "calibration_curve": calibration_curve(train.outcome, p),
    }


def _distribution(values: Rows | Array) -> dict[str, Any]:
    known = values[~np.isnan(values)].astype(float)
    if not len(known):
        return {"edges": [], "shares": [], "missing": 1.0}
    inner = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1]))
    counts = np.bincount(np.searchsorted(inner, known, side="left"), minlength=len(inner) + 1)
    return {
        "edges": [round(float(edge), 4) for edge in inner],
        "shares": [round(float(count) / len(values), 5) for count in counts],
        "missing": round(1 - len(known) / len(values), 5),
    }
