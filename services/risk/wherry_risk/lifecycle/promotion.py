"""Two versions' scores of the same records, and outcomes, become the criteria of promotion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wherry_risk.monitoring.alerting import alerting
from wherry_risk.monitoring.outcomes import QUESTIONS, Outcome, settled
from wherry_risk.monitoring.seen import Seen
from wherry_risk.monitoring.watch import groups_of
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.training.figures import ENOUGH_EVENTS
from wherry_risk.training.metrics import auroc, drawn, o_e, percentiles, slope
from wherry_risk.training.seed import SEED

Array = NDArray[np.float64]

MARGIN = 0.01
SLOPE = (0.8, 1.2)
O_E = (0.8, 1.25)
GROUP_MARGIN = 0.05
ALERTS = (0.8, 1.2)
ROUNDS = 500


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition: what was measured, what is asked for, and whether it holds."""

    name: str
    figure: str
    asked: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One version: what it says of itself, and its scores."""

    manifest: Manifest
    seen: Sequence[Seen]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Scores of the same person at the same moment by both versions, and what became of them."""

    y: NDArray[np.bool_]
    old: Array
    new: Array
    person: NDArray[np.str_]
    groups: Mapping[str, NDArray[np.bool_]]


def criteria(champion: Side, other: Side, outcomes: Sequence[Outcome]) -> list[Criterion]:
    """Every condition of the rule with its figure; the first are about whether data suffice.

    Source: the packages' change protocol (`change_control.protocol`).
    """
    pairs = _paired(champion, other, outcomes)
    least = other.manifest.monitoring.min_n
    enough = _enough(pairs, least)
    if not all(one.holds for one in enough):
        return enough
    return [
        *enough,
        _no_worse(pairs),
        *_calibrated(pairs),
        *_fair(pairs),
        _as_loud(champion, other),
    ]


def holds(told: Sequence[Criterion]) -> bool:
    """Whether every condition holds."""
    return all(one.holds for one in told)


def _paired(champion: Side, other: Side, outcomes: Sequence[Outcome]) -> _Pairs:
    """Both questions are the same one, so the outcome of a pair is that of the champion's score."""
    question = QUESTIONS.get(champion.manifest.id)
    known = settled(question, champion.seen, outcomes) if question else []
    theirs = {(one.patient, one.at): one for one in other.seen if one.probability is not None}
    both = [(mine, theirs[key], answer) for mine, answer in known
            if (key := (mine.patient, mine.at)) in theirs]  # fmt: skip
    groups = groups_of(champion.manifest, [mine.row for mine, _, _ in both])
    return _Pairs(
        y=np.array([answer for _, _, answer in both], dtype=bool),
        old=np.array([mine.probability for mine, _, _ in both], dtype=float),
        new=np.array([new.probability for _, new, _ in both], dtype=float),
        person=np.array([mine.patient for mine, _, _ in both], dtype=str),
        groups={name: np.array(inside, dtype=bool) for name, inside in groups.items()},
    )


def _enough(pairs: _Pairs, least: int) -> list[Criterion]:
    events = int(pairs.y.sum())
    others = len(pairs.y) - events
    return [
        Criterion("scores of both with a known outcome", str(len(pairs.y)), f"at least {least}",
                  len(pairs.y) >= least),
        Criterion("events among them", str(events), f"at least {ENOUGH_EVENTS}",
                  events >= ENOUGH_EVENTS),
        Criterion("others among them", str(others), f"at least {ENOUGH_EVENTS}",
                  others >= ENOUGH_EVENTS),
    ]  # fmt: skip


def _no_worse(pairs: _Pairs) -> Criterion:
    """People are drawn again with all their scores, the same for both."""
    draws = drawn(pairs.person, seed=SEED, rounds=ROUNDS)
    gains = []
    for times in draws:
        inside = times > 0
        y, weight = pairs.y[inside], times[inside].astype(float)
        gains.append(auroc(y, pairs.new[inside], weight) - auroc(y, pairs.old[inside], weight))
    low, high = percentiles(gains)
    gain = auroc(pairs.y, pairs.new) - auroc(pairs.y, pairs.old)
    return Criterion(
        "AUROC beside the champion's",
        f"{gain:+.3f} ({low:+.3f} to {high:+.3f})",
        f"lower end at least {-MARGIN:+.2f}",
        low >= -MARGIN,
    )


def _calibrated(pairs: _Pairs) -> list[Criterion]:
    told = (
        ("calibration slope", slope(pairs.y, pairs.new), SLOPE),
        ("observed over expected", o_e(pairs.y, pairs.new), O_E),
    )
    return [
        Criterion(name, f"{value:.2f}", f"{low:g} to {high:g}", low <= value <= high)
        for name, value, (low, high) in told
    ]


def _fair(pairs: _Pairs) -> list[Criterion]:
    """Groups with too few events say nothing, and are told as that."""
    told = []
    for name, inside in pairs.groups.items():
        y = pairs.y[inside]
        events = int(y.sum())
        if min(events, len(y) - events) < ENOUGH_EVENTS:
            told.append(Criterion(f"AUROC of {name}", f"insufficient: {events} events of {len(y)}",
                                  f"counts from {ENOUGH_EVENTS} events", True))  # fmt: skip
            continue
        gain = auroc(y, pairs.new[inside]) - auroc(y, pairs.old[inside])
        told.append(
            Criterion(
                f"AUROC of {name}",
                f"{gain:+.3f} ({events} events of {len(y)})",
                f"at least {-GROUP_MARGIN:+.2f}",
                gain >= -GROUP_MARGIN,
            )
        )
    return told


def _as_loud(champion: Side, other: Side) -> Criterion:
    """Alerts on the records that both saw, whether they answered or refused."""
    keys = [{(one.patient, one.at) for one in side.seen} for side in (champion, other)]
    both = keys[0] & keys[1]
    rates = [
        alerting(
            [one for one in side.seen if (one.patient, one.at) in both],
            lowest=side.manifest.thresholds[0].name,
        ).per_100_patient_days
        or 0.0
        for side in (champion, other)
    ]
    low, high = (limit * rates[0] for limit in ALERTS)
    return Criterion(
        "alerts per 100 patient-days",
        f"{rates[1]:.1f}",
        f"{low:.1f} to {high:.1f}, the champion's {rates[0]:.1f} within 20 %",
        low <= rates[1] <= high,
    )
