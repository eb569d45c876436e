"""Stays become the simple scores that the model is measured beside."""

from decimal import Decimal

import numpy as np

from wherry_risk.model.news2 import BANDS, NOT_ALERT_POINTS, OXYGEN_POINTS, points
from wherry_risk.model.oxygen import OXYGEN
from wherry_risk.training.metrics import Array
from wherry_risk.training.physionet2012 import Stay

# NEWS2's parts in the words of the data set; SpO2 is not among its variables.
_VITALS = {
    "respiration-rate": ("respiratory-rate", "1"),
    "systolic-bp": ("systolic-bp", "1"),
    "pulse": ("heart-rate", "1"),
    "temperature": ("temperature", "0.1"),
}
FULL_GCS = 15
ROOM_AIR = 21


def news2_partial(series: list[Stay]) -> Array:
    """NEWS2 of the last values of the first day, with what is missing counted as 0."""
    return np.array([_news2(stay) for stay in series], dtype=float)


def _news2(stay: Stay) -> int:
    total = 0
    for part, (name, step) in _VITALS.items():
        if (value := _last(stay, name)) is not None:
            total += points(BANDS[part], Decimal(str(value)).quantize(Decimal(step)))
    if (_last(stay, "gcs") or FULL_GCS) < FULL_GCS:
        total += NOT_ALERT_POINTS
    if (_last(stay, "fio2") or 0) > ROOM_AIR or "ventilated" in stay:
        total += OXYGEN_POINTS[OXYGEN]
    return total


def _last(stay: Stay, name: str) -> float | None:
    series = stay.get(name)
    return min(series)[1] if series else None
