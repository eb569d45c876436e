"""Series of values per stay become rows of features, by the same rule that serving uses."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from wherry_risk.model.aggregate import decisive
from wherry_risk.onnx.manifest import Feature
from wherry_risk.onnx.spec_of import window_of

Rows = NDArray[np.float32]
Series = Mapping[str, Sequence[tuple[float, float]]]
"""Per feature: (minutes before the moment of judgement, value in the feature's unit)."""


def assemble(features: Sequence[Feature], series: Series) -> list[float]:
    """One row: the value of each feature that counts, NaN where none does.

    Values outside of the plausible range are rejected and never clipped.
    """
    return [_value(feature, series.get(feature.name, ())) for feature in features]


def _value(feature: Feature, series: Sequence[tuple[float, float]]) -> float:
    low, high = feature.plausible
    kept = [(minutes * 60, value) for minutes, value in series if low <= value <= high]
    values = [value for _, value in kept]
    place = decisive(window_of(feature), [age_s for age_s, _ in kept], values)
    return float("nan") if place is None else values[place]


def rows_of(features: Sequence[Feature], stays: Sequence[Series]) -> Rows:
    """All stays as float32, the type that the graph takes."""
    return np.array([assemble(features, stay) for stay in stays], dtype=np.float32)
