"""How good a trained model was, as the risk service tells it, in one line of a card."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from wherry_cds.rules.wording import inline


@dataclass(frozen=True, slots=True)
class Performance:
    """Figures on people whom training had not seen; `flagged` None where the count is not known.

    The operating point is empty (`threshold` None) where the model's package has none.
    """

    auroc: Decimal
    n: int
    events: int
    data: str
    calibrated_on: str
    calibrated_at: str = ""
    threshold: Decimal | None = None
    sensitivity: Decimal = Decimal(0)
    ppv: Decimal = Decimal(0)
    npv: Decimal = Decimal(0)
    hits: int = 0
    flagged: int | None = None


def performance(told: Mapping[str, Any] | None) -> Performance | None:
    """The figures of an answer; None when an older risk service gives none.

    Raises: KeyError, TypeError, ValueError when they are not understood.
    Source: openapi/risk.yaml, Performance.
    """
    if told is None:
        return None
    point = told["operating_point"] or {}
    made = Performance(
        auroc=_share(told["auroc"]),
        n=_count(told["n"]),
        events=_count(told["events"]),
        data=_text(told["data"]),
        calibrated_on=_text(told["calibrated_on"]),
        calibrated_at=_text(told["calibrated_at"] or " ").strip(),
    )
    if not point:
        return made
    return Performance(
        made.auroc,
        made.n,
        made.events,
        made.data,
        made.calibrated_on,
        made.calibrated_at,
        threshold=_share(point["threshold"]),
        sensitivity=_share(point["sensitivity"]),
        ppv=_share(point["ppv"]),
        npv=_share(point["npv"]),
        hits=_count(point["hits"]),
        flagged=None if point["flagged"] is None else _count(point["flagged"]),
    )


def line(told: Performance | None, probability: Decimal) -> str:
    """One paragraph; empty without figures."""
    if told is None:
        return ""
    first = (
        f"How good: AUROC {told.auroc:.2f} on {told.n} scores with {told.events} events that "
        f"training had not seen ({inline(told.data)})."
    )
    return " ".join(part for part in (first, _point(told, probability), _calibrated(told)) if part)


def _point(told: Performance, probability: Decimal) -> str:
    if told.threshold is None:
        return ""
    at = f"{float(told.threshold) * 100:.3g} %"
    caught = f"{told.hits} of {told.events}"
    if probability < told.threshold:
        return (
            f"Below {at}: no event in {_percent(told.npv)}; "
            f"{told.events - told.hits} of {told.events} events were missed there."
        )
    true = "" if told.flagged is None else f" ({told.hits} of {told.flagged})"
    return (
        f"From {at} on: PPV {_percent(told.ppv)}{true}, "
        f"sensitivity {_percent(told.sensitivity)} ({caught})."
    )


def _calibrated(told: Performance) -> str:
    when = f", {told.calibrated_at[:10]}" if told.calibrated_at else ""
    return f"Calibrated on {inline(told.calibrated_on)}{when}."


def _percent(share: Decimal) -> str:
    whole = share * 100
    return f"{whole:.1f} %" if whole < 10 or whole > 99 else f"{whole:.0f} %"


def _share(value: Any) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError("no share")
    return Decimal(value)


def _count(value: Any) -> int:
    if not isinstance(value, int | Decimal) or isinstance(value, bool) or value != int(value):
        raise ValueError("no count")
    return int(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value
