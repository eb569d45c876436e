"""A trained model's probability with NEWS2 beside it, or NEWS2 and the reason, as one card."""

from collections.abc import Mapping

from wherry.errors import Failure, Kind
from wherry_cds.rules import early_warning, estimate
from wherry_cds.rules.detail import blocks, gaps, total
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.score import AnyAnswer, Predicted, Scored, Withheld
from wherry_cds.rules.wording import inline, plain

MODEL = "icu-mortality-24h"
TOPIC = {
    "system": "urn:wherry:cds:topic",
    "code": "deterioration",
    "display": "Deterioration",
}

# A probability is never more urgent than a warning; NEWS2 beside it may be.
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
        "summary": plain(f"{estimate.sentence(answer)}; {_news2(answer)}"),
        "detail": blocks(estimate.detail(answer, basis.at), "**Beside it:**", beside["detail"]),
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


def _news2(answer: Predicted) -> str:
    if not isinstance(answer.beside, Scored):
        return "NEWS2 not calculated"
    return f"NEWS2 {total(answer.beside)} ({answer.beside.tier})"


def _source(beside: Card, model: str, version: str) -> dict[str, object]:
    label = plain(f"Wherry deterioration, {model} {version} and NEWS2")
    return {**beside["source"], "label": label, "topic": TOPIC}
