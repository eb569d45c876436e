"""Scores become what the feed of each input was like: late, silent, missing, unusable, too old."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from wherry_risk.monitoring.seen import Level, Seen

UNUSABLE = frozenset(
    {"unit", "implausible", "not_a_number", "comparator", "unknown_answer", "no_value"}
)
"""Reasons of a value that came and could not be read."""
TOO_OLD = "stale"
SILENT_AFTER = 3
"""How many usual gaps without a new value are silence."""
MEDIAN, LATE = 50, 95


@dataclass(frozen=True, slots=True)
class Feed:
    """One input over all scores of a window. Units: seconds; rates are shares of the scores.

    `gap_s` is the usual time between new values of the input, of anybody; `silent_s` the time since
    the last one. Silent is what has no new value for three usual gaps while people are scored: an
    empty unit sends nothing, and nothing is wrong with it.
    """

    input: str
    n: int
    missing: float
    unusable: float
    too_old: float
    age_p50_s: float | None
    age_p95_s: float | None
    lag_p50_s: float | None
    lag_p95_s: float | None
    gap_s: float | None
    silent_s: float | None
    reasons: Mapping[str, int]
    level: Level


class Limits(NamedTuple):
    """How late the values of an input may be before somebody is told. Units: seconds."""

    warn_s: float
    alarm_s: float


def feeds(limits: Mapping[str, Limits], seen: Sequence[Seen], *, now: datetime) -> list[Feed]:
    """The feed of each input, as the scores saw it."""
    return [_feed(name, seen, now, *of) for name, of in limits.items()]


def _feed(name: str, seen: Sequence[Seen], now: datetime, warn_s: float, alarm_s: float) -> Feed:
    ages = [one.ages_s[name] for one in seen if name in one.ages_s]
    lags = [one.lags_s[name] for one in seen if name in one.lags_s]
    reasons = Counter(one.reasons[name] for one in seen if name in one.reasons)
    taken = _taken(name, seen)
    gap_s = float(np.median(np.diff(taken))) if len(taken) > 1 else None
    newest_s = max((one.at.timestamp() for one in seen), default=0.0)
    lag_p95_s = _at(lags, LATE)
    n = max(len(seen), 1)
    return Feed(
        input=name,
        n=len(seen),
        missing=reasons.total() / n,
        unusable=sum(reasons[why] for why in UNUSABLE) / n,
        too_old=reasons[TOO_OLD] / n,
        age_p50_s=_at(ages, MEDIAN),
        age_p95_s=_at(ages, LATE),
        lag_p50_s=_at(lags, MEDIAN),
        lag_p95_s=lag_p95_s,
        gap_s=gap_s,
        silent_s=max(0.0, now.timestamp() - taken[-1]) if taken else None,
        reasons=dict(sorted(reasons.items())),
        level=_level(lag_p95_s, gap_s, newest_s - taken[-1] if taken else None, warn_s, alarm_s),
    )


def _taken(name: str, seen: Sequence[Seen]) -> list[float]:
    """Moments of measurement, each once: a value that holds for a day is not new each hour."""
    return sorted(
        {round(one.at.timestamp() - one.ages_s[name]) for one in seen if name in one.ages_s}
    )


def _level(
    lag_s: float | None, gap_s: float | None, behind_s: float | None, warn_s: float, alarm_s: float
) -> Level:
    if lag_s is not None and lag_s >= alarm_s:
        return Level.ALARM
    silent = (
        gap_s is not None and behind_s is not None and behind_s > max(SILENT_AFTER * gap_s, warn_s)
    )
    if silent or (lag_s is not None and lag_s >= warn_s):
        return Level.WARN
    return Level.OK if behind_s is not None else Level.INSUFFICIENT


def _at(values: Sequence[float], percent: int) -> float | None:
    return float(np.percentile(values, percent)) if values else None
