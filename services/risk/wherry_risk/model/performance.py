"""How good a trained model was on people whom training had not seen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How the threshold did that tells a tier from the one below; shares of 0 to 1.

    `hits` of `events` lay above it. `flagged` lay above it in all; None where the package's
    rounded share does not tell the count.
    """

    threshold: float
    sensitivity: float
    specificity: float
    ppv: float
    npv: float
    hits: int
    events: int
    n: int
    flagged: int | None


@dataclass(frozen=True, slots=True)
class Performance:
    """AUROC with its 95 % interval, on how many and whom, the operating point, the calibration.

    `data` and `period` name where the rows came from. `calibrated_at` is None where the package
    does not say when. `point` is that of the tier which was reached, or, of the lowest tier, of
    the threshold that was not reached.
    """

    auroc: float
    interval: tuple[float, float] | None
    n: int
    events: int
    people: int | None
    data: str
    period: str
    calibrated_on: str
    calibrated_at: str | None
    point: OperatingPoint | None
