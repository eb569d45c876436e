"""A trained model's probability and factors in the words of a card, whatever it estimates."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wherry_cds.rules.detail import blocks, gaps
from wherry_cds.rules.performed import line
from wherry_cds.rules.score import Factor, Predicted
from wherry_cds.rules.wording import age, inline, moment, quantity

STRONGEST = 3

# What each model estimates, and within which time where it names one
OUTCOMES: Mapping[str, str] = {
    "icu-mortality-24h": "risk of death in hospital",
    "icu-mortality-24h-full": "risk of death in hospital",
    "sepsis-6h": "risk of sepsis within 6 h",
    "sepsis-6h-vitals": "risk of sepsis within 6 h",
    "readmission-30d": "risk of readmission within 30 days",
}

# Said where a model's own text could be read past
_LIMITS: Mapping[str, str] = {
    "sepsis-6h": "Not validated outside its training data; it is no diagnosis of sepsis.",
    "sepsis-6h-vitals": "Not validated outside its training data; it is no diagnosis of sepsis.",
}


def outcome(answer: Predicted) -> str:
    """What was estimated, in words; a model that is not in the table is named."""
    return OUTCOMES.get(answer.model) or f"probability by {answer.model}"


def sentence(answer: Predicted) -> str:
    """The estimate for a summary."""
    return f"Estimated {outcome(answer)} {percent(answer)} ({answer.tier})"


def percent(answer: Predicted) -> str:
    """Whole per cent: more digits would claim more than the model knows."""
    whole = round(answer.probability * 100)
    return "under 1 %" if whole < 1 else "over 99 %" if whole > 99 else f"{whole} %"


def detail(answer: Predicted, at: datetime, *, beside: str = "") -> str:
    """The estimate with its factors, what stands beside it, what is missing, origin and limits."""
    known = [factor for factor in answer.factors if factor.value]
    return blocks(
        f"**Estimated {inline(outcome(answer))}: {percent(answer)}, tier {inline(answer.tier)}**",
        _instead(answer),
        f"At this tier: {inline(answer.response)}",
        _table(known[:STRONGEST], at),
        "Shown is what each added to this estimate, compared with the average of the training "
        "data. It is no cause.",
        beside,
        gaps(answer.missing, "Not available to the model:"),
        line(answer.performance, answer.probability),
        f"As of {moment(at)}. Model {inline(answer.model)}, version {inline(answer.version)}. "
        f"{inline(answer.intended_use)}",
        _LIMITS.get(answer.model, ""),
    )


def _instead(answer: Predicted) -> str:
    if answer.stands_in is None:
        return ""
    refused = answer.stands_in
    return (
        f"{inline(refused.model)} gave no estimate: {inline(refused.text)} "
        f"Shown is {inline(answer.model)}, which reads less."
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
