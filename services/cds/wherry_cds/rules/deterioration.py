"""A trained model's probability with NEWS2 beside it, or NEWS2 and the reason, as one card."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wherry.errors import Failure, Kind
from wherry_cds.rules import early_warning
from wherry_cds.rules.detail import blocks, gaps, total
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.score import AnyAnswer, Factor, Predicted, Scored, Withheld
from wherry_cds.rules.wording import age, inline, moment, plain, quantity

MODEL = "icu-mortality-24h"
OUTCOME = "risk of death in hospital"
TOPIC = {
    "system": "urn:wherry:cds:topic",
    "code": "deterioration",
    "display": "Deterioration",
}
STRONGEST = 3

# A probability over weeks is never more urgent than a warning; NEWS2 beside it may be.
_INDICATORS: Mapping[str, str] = {"low": "info", "medium": "warning", "high": "warning"}
_URGENCY = ("info", "warning", "critical")


def card(answer: AnyAnswer, basis: Basis) -> Card:
    """The one card for this answer; its indicator is the more urgent of the model's and NEWS2's.

    Raises: Failure(UNAVAILABLE) for a tier that is not known.
    Source: CDS Hooks 2.0, Card Attributes.
    """
    if isinstance(answer, Predicted):
        return _predicted(answer, basis)
    if isinstance(answer, Withheld):
        return _withheld(answer, basis)
    return early_warning.card(answer, basis)


def _predicted(answer: Predicted, basis: Basis) -> Card:
    if answer.tier not in _INDICATORS:
        raise Failure(Kind.UNAVAILABLE, "the risk service named a tier that is not known")
    beside = early_warning.card(answer.beside, basis)
    indicators = (_INDICATORS[answer.tier], beside["indicator"])
    return {
        **beside,
        "summary": plain(f"{_estimate(answer)}; {_news2(answer)}"),
        "detail": blocks(_detail(answer, basis.at), "**Beside it:**", beside["detail"]),
        "indicator": max(indicators, key=_URGENCY.index),
        "source": _source(beside, answer.model, answer.version),
    }


def _withheld(answer: Withheld, basis: Basis) -> Card:
    refused, beside = answer.refused, early_warning.card(answer.beside, basis)
    return {
        **beside,
        "detail": blocks(
            beside["detail"],
            f"**{inline(refused.model)} gave no estimate.** {inline(refused.text)}",
            gaps(refused.missing, "Not available to it:"),
        ),
        "source": _source(beside, refused.model, refused.version),
    }


def _estimate(answer: Predicted) -> str:
    return f"Estimated {OUTCOME} {percent(answer)} ({answer.tier})"


def _news2(answer: Predicted) -> str:
    if not isinstance(answer.beside, Scored):
        return "NEWS2 not calculated"
    return f"NEWS2 {total(answer.beside)} ({answer.beside.tier})"


def percent(answer: Predicted) -> str:
    """Whole per cent: more digits would claim more than the model knows."""
    whole = round(answer.probability * 100)
    return "under 1 %" if whole < 1 else "over 99 %" if whole > 99 else f"{whole} %"


def _detail(answer: Predicted, at: datetime) -> str:
    known = [factor for factor in answer.factors if factor.value]
    return blocks(
        f"**Estimated {OUTCOME}: {percent(answer)}, tier {inline(answer.tier)}**",
        f"At this tier: {inline(answer.response)}",
        _table(known[:STRONGEST], at),
        "Shown is what each added to this estimate, compared with the average of the training "
        "data. It is no cause.",
        gaps(answer.missing, "Not available to the model:"),
        f"Model {inline(answer.model)}, version {inline(answer.version)}. "
        f"{inline(answer.intended_use)}",
    )


def _table(factors: Sequence[Factor], at: datetime) -> str:
    if not factors:
        return ""
    head = ["| Strongest factors | Value | Effect | Observed | Age |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(_row(factor, at) for factor in factors)])


def _row(factor: Factor, at: datetime) -> str:
    timed = factor.observed_at is not None or factor.age_s is not None
    cells = (
        inline(factor.label),
        quantity(factor.value, factor.unit),
        _effect(factor),
        moment(factor.observed_at) if factor.observed_at else "–",
        age(factor.observed_at, at=at, age_s=factor.age_s) if timed else "–",
    )
    return f"| {' | '.join(cells)} |"


def _effect(factor: Factor) -> str:
    """As a multiplier of the odds: contributions add up as log-odds."""
    way = "raises" if factor.weight > 0 else "lowers"
    return f"{way}, odds × {factor.weight.exp():.2f}"


def _source(beside: Card, model: str, version: str) -> dict[str, object]:
    label = plain(f"Wherry deterioration, {model} {version} and NEWS2")
    return {**beside["source"], "label": label, "topic": TOPIC}
