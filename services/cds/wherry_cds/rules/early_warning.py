"""A NEWS2 score, or the refusal of one, becomes one card."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wherry.errors import Failure, Kind
from wherry_cds.rules import detail
from wherry_cds.rules.orders import Order
from wherry_cds.rules.reasons import override_reasons
from wherry_cds.rules.score import Answer, Refused, Scored
from wherry_cds.rules.wording import plain

Card = dict[str, Any]

MODEL = "news2"
TOPIC = {
    "system": "urn:wherry:cds:topic",
    "code": "early-warning",
    "display": "Early warning score",
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a card says about its own making: when, from how whole a record, and what it links.

    `orders` are those that a card about orders is about.
    """

    at: datetime
    card_id: str
    truncated: bool = False
    partial: bool = False
    source_url: str = ""
    chart_url: str = ""
    smart_url: str = ""
    orders: Sequence[Order] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """How a tier is shown: indicator, words, and the threshold that decides it."""

    indicator: str
    words: str
    threshold: str


# Source: Royal College of Physicians, NEWS2 (2017), thresholds and triggers
LEVELS: Mapping[str, Level] = {
    "low": Level("info", "low risk of deterioration", "urgent response threshold 5"),
    "low-medium": Level(
        "warning", "low-medium risk of deterioration", "3 points in one measurement"
    ),
    "medium": Level("warning", "medium risk of deterioration", "urgent response threshold 5"),
    "high": Level("critical", "high risk of deterioration", "emergency response threshold 7"),
}

# A score with gaps is never shown at full strength
_ONE_LOWER = {"critical": "warning", "warning": "info", "info": "info"}


def card(answer: Answer, basis: Basis) -> Card:
    """The one card for this answer.

    Raises: Failure(UNAVAILABLE) for a tier that NEWS2 does not have.
    Source: CDS Hooks 2.0, Card Attributes.
    """
    if isinstance(answer, Refused):
        return _whole(
            answer,
            basis,
            summary=_not_calculated(answer),
            indicator="info",
            detail=detail.of_refusal(answer, at=basis.at),
        )
    level = _level(answer)
    capped = _has_gaps(answer, basis)
    return _whole(
        answer,
        basis,
        summary=_calculated(answer, level),
        indicator=_ONE_LOWER[level.indicator] if capped else level.indicator,
        detail=detail.of_score(
            answer,
            _words(answer, level),
            at=basis.at,
            lowered=capped and level.indicator != "info",
            truncated=basis.truncated,
            partial=basis.partial,
        ),
    )


def _level(scored: Scored) -> Level:
    if scored.tier not in LEVELS:
        raise Failure(Kind.UNAVAILABLE, "the risk service named a tier that NEWS2 does not have")
    return LEVELS[scored.tier]


def _has_gaps(scored: Scored, basis: Basis) -> bool:
    stale = any(each.reason == "stale" for each in scored.missing)
    return scored.partial or stale or basis.partial


def _calculated(scored: Scored, level: Level) -> str:
    count = len(scored.missing)
    gaps = f", {count} input{'' if count == 1 else 's'} missing" if scored.partial else ""
    return f"NEWS2 {detail.total(scored)}{gaps}: {_words(scored, level)} ({level.threshold})"


def _words(scored: Scored, level: Level) -> str:
    """With inputs missing, a tier below the highest is only the least that it can be."""
    open_ended = scored.partial and level.indicator != "critical"
    return f"{level.words} or higher" if open_ended else level.words


def _not_calculated(refused: Refused) -> str:
    labels = ", ".join(each.label for each in refused.missing)
    reason = f"missing {labels}" if labels else refused.text
    return plain(f"NEWS2 not calculated: {reason}")


def _whole(answer: Answer, basis: Basis, *, summary: str, indicator: str, detail: str) -> Card:
    made: Card = {
        "uuid": basis.card_id,
        "summary": summary,
        "detail": detail,
        "indicator": indicator,
        "source": _source(answer, basis),
        "overrideReasons": override_reasons(),
    }
    if found := links(basis):
        made["links"] = found
    return made


def links(basis: Basis) -> list[dict[str, str]]:
    """The chart and the app.

    Source: CDS Hooks 2.0, Link: `appContext` reaches the app, which may tell the card by it.
    """
    app = {"label": "Open in the Wherry app", "url": basis.smart_url, "type": "smart"}
    chart = {"label": "Open the chart", "url": basis.chart_url, "type": "absolute"}
    return [each for each in (chart, {**app, "appContext": basis.card_id}) if each["url"]]


def _source(answer: Answer, basis: Basis) -> dict[str, Any]:
    source: dict[str, Any] = {"label": plain(f"Wherry early warning, NEWS2 {answer.version}")}
    if basis.source_url:
        source["url"] = basis.source_url
    return {**source, "topic": TOPIC}
