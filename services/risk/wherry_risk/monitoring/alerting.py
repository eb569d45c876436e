"""Scores become how often somebody was alerted, and how often there was no answer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date
from itertools import groupby

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
    days: tuple["Day", ...] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """One day (UTC): how many people were looked at, and how many alerts there were."""

    day: date
    patients: int
    alerts: int


def alerting(seen: Sequence[Seen], *, lowest: str) -> Alerting:
    """The alerts of these scores; `lowest` is the tier that alerts nobody."""
    refusals = sum(bool(one.refusal) for one in seen)
    days = {(one.patient, one.at.astimezone(UTC).date()) for one in seen}
    rises = Counter(
        day for _, of in groupby(_in_order(seen), key=_patient) for day in _rises(list(of), lowest)
    )
    alerts = rises.total()
    people = Counter(day for _, day in days)
    return Alerting(
        scores=len(seen) - refusals,
        refusals=refusals,
        patients=len({one.patient for one in seen}),
        patient_days=len(days),
        alerts=alerts,
        per_100_patient_days=PER * alerts / len(days) if days else None,
        abstained=refusals / len(seen) if seen else None,
        days=tuple(Day(day, people[day], rises[day]) for day in sorted(people)),
    )


def _in_order(seen: Sequence[Seen]) -> list[Seen]:
    return sorted(seen, key=lambda one: (one.patient, one.at))


def _patient(one: Seen) -> str:
    return one.patient


def _rises(of: Sequence[Seen], lowest: str) -> Iterator[date]:
    """The days of the alerts. A refusal tells nothing, so that the tier before it still stands."""
    before = lowest
    for one in of:
        if one.refusal:
            continue
        if one.tier != lowest and before == lowest:
            yield one.at.astimezone(UTC).date()
        before = one.tier
