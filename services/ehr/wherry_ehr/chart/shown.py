"""Kept answers of CDS services become what a page shows: cards by urgency, and what is missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from wherry.codec import decode
from wherry.errors import Failure
from wherry_ehr.auth.clients import Client
from wherry_ehr.chart.cards import Card, by_urgency, cards, shown, unusable
from wherry_ehr.chart.exchanges import DISCOVERY, FEEDBACK, HOOK, TAKEN, Exchange
from wherry_ehr.chart.hooks import Heard, answered, catalogue
from wherry_ehr.chart.suggestions import Action, system_actions

# Its card has all that the other one's has: NEWS2 beside the estimate, or in its place. Both are
# asked, so that one is there when the other is late.
HOLDS = {"wherry-cds/deterioration": "wherry-cds/early-warning"}

# What a service asks for by itself stands for a card's number
SYSTEM = "system"
CARRIED_OUT = "carried out; the service was not told"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a service asks the EHR to do of itself."""

    exchange: str
    title: str
    actions: tuple[Action, ...]

    @property
    def key(self) -> str:
        """What became of it is kept under this."""
        return f"{self.exchange}/{SYSTEM}"


@dataclass(frozen=True, slots=True)
class Advice:
    """Cards by urgency, why a service has none, and what is said of a card: exchange/number."""

    cards: tuple[Card, ...] = ()
    missing: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)


def advice_of(made: Sequence[Exchange], clients: Sequence[Client], *, page: str) -> Advice:
    """What these calls came to, for the page at this address."""
    found: dict[str, list[Card]] = {}
    missing, wishes = [], []
    for one in made:
        trouble = _trouble(one)
        if trouble:
            missing.append(f"{one.title}: {trouble}")
        if trouble or one.kind != HOOK:
            continue
        answer = read(one)
        own = [
            replace(card, exchange=one.id, service=one.title)
            for card in cards(answer, clients, page=page)
        ]
        found[f"{one.server}/{one.service}"] = own
        if lost := unusable(answer):
            missing.append(f"{one.title}: {lost} of its cards cannot be shown")
        if not own and not lost:
            missing.append(f"{one.title}: it sent no card")
        if actions := system_actions(answer):
            wishes.append(Wish(one.id, one.title, actions))
    if not made:
        missing.append("no decision support service is set up")
    elif not missing and not any(one.kind == HOOK for one in made):
        missing.append("no decision support service offers any for this view")
    return Advice(
        by_urgency(shown(found, HOLDS)),
        tuple(missing),
        tuple(wishes),
        _said(made),
    )


def read(one: Exchange) -> Mapping[str, Any]:
    """The JSON of its answer. Raises: Failure(UNAVAILABLE) when it is no good one."""
    return answered(Heard(one.status, one.answer.encode()))


def _trouble(one: Exchange) -> str:
    """Why a call came to nothing, or an empty text."""
    if one.failure or one.kind not in _READ:
        return one.failure if one.kind in _READ else ""
    try:
        _READ[one.kind](Heard(one.status, one.answer.encode()))
    except Failure as failure:
        return failure.detail
    return ""


_READ = {DISCOVERY: catalogue, HOOK: answered}


def _said(made: Sequence[Exchange]) -> dict[str, str]:
    """What became of each card: the clinician's answer, and whether the service took it."""
    done = {
        one.about if one.about.endswith(SYSTEM) else one.about.rpartition("/")[0]: CARRIED_OUT
        for one in made
        if one.kind == TAKEN
    }
    return {**done, **{one.about: _outcome(one) for one in made if one.kind == FEEDBACK}}


def _outcome(one: Exchange) -> str:
    sent: Any = decode(one.request)
    outcome = sent["feedback"][0]["outcome"]
    if one.failure or not 200 <= one.status < 300:
        why = one.failure or f"it answered {one.status}"
        return f"{outcome}; the service did not take the feedback: {why}"
    return f"{outcome}; the service was told"
