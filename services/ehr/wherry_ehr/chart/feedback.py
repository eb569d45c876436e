"""What a clinician did with a card becomes the feedback that its service is told."""

from datetime import UTC, datetime
from typing import Any

from wherry_ehr.chart.cards import Card
from wherry_ehr.chart.suggestions import Reason, Suggestion

MAX_COMMENT = 500


def accepted(card: Card, taken: Suggestion, at: datetime) -> dict[str, Any]:
    """One item. Source: CDS Hooks 2.0, Feedback, acceptedSuggestions."""
    return {
        "card": card.uuid,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": taken.uuid}],
        "outcomeTimestamp": timestamp(at),
    }


def overridden(card: Card, reason: Reason | None, comment: str, at: datetime) -> dict[str, Any]:
    """One item. Source: CDS Hooks 2.0, Feedback, overrideReason."""
    why: dict[str, Any] = {}
    if reason is not None:
        why["reason"] = reason.coding
    if comment:
        why["userComment"] = comment
    item: dict[str, Any] = {"card": card.uuid, "outcome": "overridden"}
    if why:
        item["overrideReason"] = why
    return {**item, "outcomeTimestamp": timestamp(at)}


def timestamp(at: datetime) -> str:
    """Source: RFC 3339, in UTC as CDS Hooks asks for."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
