"""Decisions, feedback and snoozes of the CDS service become the cards of the page; pure."""

from collections.abc import Mapping
from typing import Any

from wherry_smart.summary.score import listed

Json = Mapping[str, Any]


def cards(answer: Json) -> list[Json]:
    """One row for each decision, newest first; as in openapi/cds.yaml, CardsOf."""
    feedback = {str(each.get("card")): each for each in listed(answer, "feedback")}
    held = {
        str(each.get("service")): str(each.get("until", ""))
        for each in listed(answer, "snoozes")
        if each.get("holds") is True
    }
    rows = [_card(each, feedback, held) for each in listed(answer, "decisions")]
    return sorted(rows, key=lambda row: str(row["at"]), reverse=True)


def _card(decision: Json, feedback: Mapping[str, Json], held: Mapping[str, str]) -> Json:
    said = feedback.get(str(decision.get("card")), {})
    overridden = said.get("outcome") == "overridden"
    service = str(decision.get("service", ""))
    return {
        "id": str(decision.get("card") or decision.get("id", "")),
        "at": str(decision.get("at", "")),
        "service": service,
        "summary": str(decision.get("summary") or ""),
        "indicator": str(decision.get("level", "")),
        "shown": decision.get("shown") is True,
        "why": str(decision.get("rule", "")),
        "override": {"reason": _text(said.get("reason")), "at": str(said.get("at", ""))}
        if overridden
        else None,
        "snoozed_until": held.get(service) or None,
    }


def _text(reason: Any) -> str:
    """A reason as its code or words, however it was told."""
    if isinstance(reason, Mapping):
        return str(reason.get("display") or reason.get("code") or "")
    return str(reason or "")
