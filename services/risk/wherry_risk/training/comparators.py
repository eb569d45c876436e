"""Series become the simple score that the models are measured beside."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from wherry_risk.model.aggregate import Aggregate, Series, Window, aggregated
from wherry_risk.model.news2 import BANDS, NOT_ALERT_POINTS, OXYGEN_POINTS, SPO2_BANDS, points
from wherry_risk.model.news2_spec import SCALE_1
from wherry_risk.model.oxygen import AIR, OXYGEN

DAY_S = 24 * 3600.0
NEWEST = Window(Aggregate.LAST, DAY_S, DAY_S)
# NEWS2's parts in the words of the inputs, and the precision that charts display.
_VITALS = {
    "respiration-rate": ("respiratory-rate", Decimal(1)),
    "systolic-bp": ("systolic-bp", Decimal(1)),
    "pulse": ("heart-rate", Decimal(1)),
    "temperature": ("temperature", Decimal("0.1")),
}
SPO2 = "spo2"
FULL_GCS = 15
ROOM_AIR = 21


def news2_partial(series: Mapping[str, Series], moments_s: Sequence[float]) -> list[float]:
    """NEWS2 of the newest values of a day at each moment, with what is missing counted as 0."""
    return [float(_news2(series, at_s)) for at_s in moments_s]


def _news2(series: Mapping[str, Series], at_s: float) -> int:
    total = 0
    for part, (name, step) in _VITALS.items():
        if (value := _last(series, name, at_s)) is not None:
            total += _points(part, value, step)
    oxygen = (_last(series, "fio2", at_s) or 0) > ROOM_AIR or "ventilated" in series
    if (spo2 := _last(series, "spo2", at_s)) is not None:
        total += _points(SPO2, spo2, Decimal(1))
    if (_last(series, "gcs", at_s) or FULL_GCS) < FULL_GCS:
        total += NOT_ALERT_POINTS
    return total + (OXYGEN_POINTS[OXYGEN] if oxygen else 0)


@lru_cache(maxsize=10_000)
def _points(part: str, value: float, step: Decimal) -> int:
    """Charts hold few different values; of SpO2 scale 1 is the same on air and on oxygen."""
    bands = SPO2_BANDS[SCALE_1, AIR] if part == SPO2 else BANDS[part]
    return points(bands, Decimal(repr(value)).quantize(step, rounding=ROUND_HALF_UP))


def _last(series: Mapping[str, Series], name: str, at_s: float) -> float | None:
    if name not in series:
        return None
    value = aggregated(NEWEST, series[name], at_s)
    return None if value != value else value  # noqa: PLR0124 - NaN
