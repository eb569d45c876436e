"""Scores become how often somebody was alerted, and how often there was no answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby, pairwise

from wherry_risk.monitoring.seen import Seen

PER = 100


@dataclass(frozen=True, slots=True)
class Alerting:
    """What users were shown. `per_100_patient_days` is None without a day.

    An alert is a rise above the lowest tier: a tier that stays is one alert. A patient-day is a
    person and a day (UTC) with a score or a refusal. `abstained` is the share of refusals.
    """

    scores: int
    refusals: int
    patients: int
    patient_days: int
    alerts: int
    per_100_patient_days: float | None
    abstained: float | None


def alerting(seen: Sequence[Seen], *, lowest: str) -> Alerting:
    """The alerts of these scores; `lowest` is the tier that alerts nobody."""
    refusals = sum(bool(one.refusal) for one in seen)
    days = {(one.patient, one.at.astimezone(UTC).date()) for one in seen}
    alerts = sum(_rises(list(of), lowest) for _, of in groupby(_in_order(seen), key=_patient))
    return Alerting(
        scores=len(seen) - refusals,
        refusals=refusals,
        patients=len({one.patient for one in seen}),
        patient_days=len(days),
        alerts=alerts,
        per_100_patient_days=PER * alerts / len(days) if days else None,
        abstained=refusals / len(seen) if seen else None,
    )


def _in_order(seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda one: (one.patient, one.at))


def _patient(one: Seen) -> str:
    return one.patient


def _rises(of: Sequence[Seen], lowest: str) -> int:
    """A refusal tells nothing, so that the tier before it still stands."""
    tiers = [lowest, *(one.tier for one in of if not one.refusal)]
    return sum(now != lowest and before == lowest for before, now in pairwise(tiers))
