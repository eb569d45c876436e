"""Stored scores and what people did become alerts: each rise to a higher tier, and its state."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from wherry_smart.summary.words import moment

Json = Mapping[str, Any]

OPEN, ACKNOWLEDGED, SNOOZED = "open", "acknowledged", "snoozed"

# A tier from which somebody should look, and its rank. Source: NEWS2 (RCP 2017), table 3; the
# trained models name their tiers alike
RANKS = {"low": 0, "low-medium": 1, "medium": 2, "high": 3}
_ALERTING = RANKS["medium"]


def alerts(trend: Sequence[Json], deeds: Sequence[Json], *, now: datetime) -> list[Json]:
    """Alerts, newest first: a score that rose to medium or high from what it was before.

    `deeds` are newest first, as the page shows them. A snooze ends at its time, and at once when
    the same model rises further: that is an alert of its own.
    """
    raised = [_alert(row, deeds, now) for row in _rises(trend)]
    return sorted(raised, key=lambda each: moment(each["at"]) or now, reverse=True)


def _rises(trend: Sequence[Json]) -> list[Json]:
    """Rows of the trend, which is in time order, at which a model's tier rose."""
    before: dict[str, int] = {}
    found = []
    for row in trend:
        rank = RANKS.get(str(row["tier"]).lower(), -1)
        if rank >= _ALERTING and rank > before.get(row["model"], -1):
            found.append(row)
        before[row["model"]] = rank
    return found


def _alert(row: Json, deeds: Sequence[Json], now: datetime) -> Json:
    id_ = str(row["id"]).removeprefix("RiskAssessment/")
    done = [each for each in deeds if each["about"] == id_]
    taken = next((each for each in done if each["what"] == "acknowledged"), None)
    slept = next((each for each in done if each["what"] == "snoozed"), None)
    until = moment(slept["until"]) if slept and slept["until"] else None
    sleeps = until is not None and until > now
    return {
        "id": id_,
        **{name: row[name] for name in ("at", "model", "tier", "score", "probability")},
        "state": ACKNOWLEDGED if taken else SNOOZED if sleeps else OPEN,
        "acknowledged": taken,
        "snoozed": slept if sleeps else None,
    }
