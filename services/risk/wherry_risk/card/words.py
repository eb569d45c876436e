"""Figures become what stands in the tables of a card; what is not known is a dash, never 0."""

from collections.abc import Sequence
from decimal import Decimal

Number = Decimal | float | int

NOT_KNOWN = "–"
INSUFFICIENT = "insufficient"

HEADINGS = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier score",
    "slope": "Calibration slope",
    "ece": "Calibration error",
    "o_e": "Observed / expected",
    "utility": "Utility",
}
GROUP_FIGURES = ("auroc", "slope", "o_e")

WORDS = {
    "candidate": "candidate: not taken into use by anybody",
    "shadow": "shadow: computed, never shown",
    "champion": "in use",
    "retired": "retired",
    "published": "a published score",
}


def number(value: Number | None) -> str:
    """Three places: the test parts hold too few people for more."""
    return NOT_KNOWN if value is None else f"{value:.3f}"


def span(interval: Sequence[Number] | None) -> str:
    """The ends of a 95 % interval in brackets; nothing when there is none."""
    return "" if not interval else f"({interval[0]:.3f} to {interval[1]:.3f})"


def share(value: Number | None) -> str:
    """A share as per cent."""
    return NOT_KNOWN if value is None else f"{value:.1%}".replace("%", " %")


def count(value: int | None) -> str:
    """A count with its thousands apart."""
    return NOT_KNOWN if value is None else f"{value:,}"
