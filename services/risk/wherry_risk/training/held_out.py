"""A package and a data set become the figures that `wherry risk evaluate` prints."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wherry_risk.onnx.trained import Trained
from wherry_risk.training import physionet2012
from wherry_risk.training.assemble import Rows, rows_of
from wherry_risk.training.comparators import news2_partial
from wherry_risk.training.evaluation import answerable, probabilities
from wherry_risk.training.figures import brief, figures
from wherry_risk.training.physionet2012 import Stays
from wherry_risk.training.recipe import CALIBRATE_UP_TO

NEWS2 = {"model": "news2", "version": "2017.1"}


def held_out(model: Trained, data: Path) -> Iterator[dict[str, Any]]:
    """One object per model and data set, of stays that training has not seen.

    Of sets that were trained on, that is the test part; of any other set, all stays. People outside
    of the model's ages are left out and counted.
    Raises: Failure(NOT_FOUND) when the data set is not there.
    """
    manifest = model.manifest
    stays = physionet2012.read(physionet2012.folder_of(data))
    rows = rows_of(manifest.features, stays.series)
    seen = np.isin(stays.sets, manifest.training.sets)
    shares = physionet2012.shares(stays.ids, manifest.training.salt)
    chosen = {f"{physionet2012.NAME}, test part": seen & (shares >= CALIBRATE_UP_TO)}
    for name in sorted(set(stays.sets[~seen].tolist())):
        chosen[f"{physionet2012.NAME}, set {name}"] = stays.sets == name
    for dataset, inside in chosen.items():
        if inside.any():
            yield from _measured(model, dataset, stays.of(inside), rows[inside])


def _measured(model: Trained, dataset: str, stays: Stays, rows: Rows) -> Iterator[dict[str, Any]]:
    age = [feature.name for feature in model.manifest.features].index("age")
    adults = ~np.isnan(rows[:, age])
    left_out = int((~adults).sum())
    stays, rows = stays.of(adults), rows[adults]
    p, answered = probabilities(model.session, rows), answerable(rows)
    yield {
        "model": model.spec.id,
        "version": model.spec.version,
        "dataset": dataset,
        **figures(stays.died, p),
        "left_out": left_out,
        "answered": brief(stays.died[answered], p[answered]),
    }
    score = news2_partial(stays.series)
    yield {
        **NEWS2,
        "dataset": dataset,
        **figures(stays.died, score, probability=False),
        "left_out": left_out,
    }
