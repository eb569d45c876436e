"""Figures become what stands in the tables of a card; what is not known is a dash, never 0."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

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


def measured(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names of the figures that at least one row has, in their order."""
    known = {one["name"] for row in rows for one in row["figures"] if one["value"] is not None}
    return [name for name in HEADINGS if name in known]


WORDS = {
    "candidate": "candidate: for evaluation; a site decides what is in use",
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
