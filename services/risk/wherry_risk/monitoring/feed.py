"""Scores become what the feed of each input was like: late, silent, missing, unusable, too old."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

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
    the last one.
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


def feeds(
    inputs: Sequence[str],
    seen: Sequence[Seen],
    *,
    now: datetime,
    lag_warn_s: float,
    lag_alarm_s: float,
) -> list[Feed]:
    """The feed of each input, as the scores saw it."""
    return [_feed(name, seen, now, lag_warn_s, lag_alarm_s) for name in inputs]


def _feed(name: str, seen: Sequence[Seen], now: datetime, warn_s: float, alarm_s: float) -> Feed:
    ages = [one.ages_s[name] for one in seen if name in one.ages_s]
    lags = [one.lags_s[name] for one in seen if name in one.lags_s]
    reasons = Counter(one.reasons[name] for one in seen if name in one.reasons)
    gap_s, silent_s = _silence(name, seen, now)
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
        silent_s=silent_s,
        reasons=dict(sorted(reasons.items())),
        level=_level(lag_p95_s, gap_s, silent_s, warn_s, alarm_s),
    )


def _silence(name: str, seen: Sequence[Seen], now: datetime) -> tuple[float | None, float | None]:
    """Moments of measurement, each once: a value that holds for a day is not new each hour."""
    taken = sorted(
        {round(one.at.timestamp() - one.ages_s[name]) for one in seen if name in one.ages_s}
    )
    if not taken:
        return None, None
    gaps = np.diff(np.asarray(taken, float))
    gap_s = float(np.median(gaps)) if len(gaps) else None
    return gap_s, max(0.0, now.timestamp() - taken[-1])


def _level(
    lag_s: float | None, gap_s: float | None, silent_s: float | None, warn_s: float, alarm_s: float
) -> Level:
    if lag_s is not None and lag_s >= alarm_s:
        return Level.ALARM
    silent = (
        gap_s is not None and silent_s is not None and silent_s > max(SILENT_AFTER * gap_s, warn_s)
    )
    if silent or (lag_s is not None and lag_s >= warn_s):
        return Level.WARN
    return Level.OK if silent_s is not None else Level.INSUFFICIENT


def _at(values: Sequence[float], percent: int) -> float | None:
    return float(np.percentile(values, percent)) if values else None
