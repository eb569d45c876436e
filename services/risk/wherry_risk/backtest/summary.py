"""Judgements of many people become the tables of a backtest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry_risk.backtest.moments import Judgement
from wherry_risk.monitoring.alerting import alerting
from wherry_risk.monitoring.seen import Seen
from wherry_risk.onnx.manifest import Manifest
from wherry_risk.training.figures import (
    Figures,
    brief,
    by_group,
    calibration_curve,
    figures,
    points,
)

Flags = NDArray[np.bool_]

ABOVE, BELOW = "above", "below"


@dataclass(slots=True)
class Tally:
    """What was found of everybody, without the rows: those are needed for recalibrating only."""

    people: int = 0
    moments: int = 0
    answered: int = 0
    out_of_scope: int = 0
    outcome_unknown: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    y: list[bool] = field(default_factory=list)
    p: list[float] = field(default_factory=list)
    margin: list[float] = field(default_factory=list)
    person: list[str] = field(default_factory=list)
    served: list[bool] = field(default_factory=list)
    news2: list[float] = field(default_factory=list)
    missing: list[frozenset[str]] = field(default_factory=list)
    groups: list[frozenset[str]] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)


def tally(judged: Iterable[tuple[str, Sequence[Judgement]]]) -> Tally:
    """Count everybody; what has a probability and a known outcome is kept for the figures."""
    made = Tally()
    for patient, told in judged:
        made.people += bool(told)
        for one in told:
            _count(made, patient, one)
    return made


def _count(made: Tally, patient: str, one: Judgement) -> None:
    made.moments += 1
    made.answered += not one.refusal
    if one.refusal:
        made.refusals[one.refusal] += 1
    made.seen.append(Seen(patient, one.at, one.probability, tier=one.tier, refusal=one.refusal))
    if one.probability is None or one.margin is None:
        made.out_of_scope += 1
    elif one.outcome is None:
        made.outcome_unknown += 1
    else:
        made.y.append(one.outcome)
        made.p.append(one.probability)
        made.margin.append(one.margin)
        made.person.append(patient)
        made.served.append(not one.refusal)
        made.news2.append(np.nan if one.news2 is None else one.news2)
        made.missing.append(frozenset(one.missing))
        made.groups.append(frozenset(one.groups))


def summary(manifest: Manifest, sha256: str, rule: str, made: Tally) -> dict[str, Any]:
    """The tables: whom it was about, figures, thresholds, groups, and what missing inputs do.

    `figures` are of everybody in scope, as `wherry risk evaluate` has them; `answered` of those
    whom the service would have answered.
    """
    told: dict[str, Any] = {
        "model": manifest.id,
        "version": manifest.version,
        "manifest_sha256": sha256,
        "moments": rule,
        "rows": {
            "people": made.people,
            "moments": made.moments,
            "answered": made.answered,
            "refusals": dict(sorted(made.refusals.items())),
            "out_of_scope": made.out_of_scope,
            "outcome_unknown": made.outcome_unknown,
            "with_outcome": len(made.y),
        },
    }
    if not made.y:
        return told | {"figures": None}
    y, p = np.array(made.y, dtype=bool), np.array(made.p, dtype=float)
    served = np.array(made.served, dtype=bool)
    return told | {
        "figures": figures(y, p, np.array(made.person, dtype=str)),
        "answered": brief(y[served], p[served]) if served.any() else None,
        "comparators": _comparators(made, y),
        "thresholds": _thresholds(manifest, made, y, p),
        "calibration_curve": calibration_curve(y, p),
        "subgroups": by_group(y, p, _inside(made.groups)),
        "missing": _missing(made, y, p),
    }


def _comparators(made: Tally, y: Flags) -> dict[str, Figures]:
    simple = np.array(made.news2, dtype=float)
    known = ~np.isnan(simple)
    if not known.any():
        return {}
    person = np.array(made.person, dtype=str)[known]
    return {"news2": figures(y[known], simple[known], person, probability=False)}


def _thresholds(
    manifest: Manifest, made: Tally, y: Flags, p: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Each tier's threshold, and how often somebody would have been alerted at it."""
    tiers = manifest.thresholds[1:]
    told = points(y, p, [tier.value for tier in tiers])
    return [
        {"name": tier.name, **point, "alerts_per_100_patient_days": _alerts(made.seen, tier.value)}
        for tier, point in zip(tiers, told, strict=True)
    ]


def _alerts(seen: Sequence[Seen], threshold: float) -> float | None:
    """Of what the service would have said; a refusal alerts nobody and its day counts."""
    told = [
        Seen(one.patient, one.at, one.probability, _side(one.probability, threshold), one.refusal)
        for one in seen
    ]
    rate = alerting(told, lowest=BELOW).per_100_patient_days
    return None if rate is None else round(rate, 2)


def _side(probability: float | None, threshold: float) -> str:
    return ABOVE if probability is not None and probability >= threshold else BELOW


def _inside(rows: Sequence[frozenset[str]]) -> dict[str, Flags]:
    names = sorted(set().union(*rows))
    return {name: np.array([name in row for row in rows], dtype=bool) for name in names}


def _missing(made: Tally, y: Flags, p: NDArray[np.float64]) -> dict[str, Any]:
    """For each input that was ever missing: how often, and the figures without and with it."""
    told: dict[str, Any] = {}
    for name, without in _inside(made.missing).items():
        both = by_group(y, p, {"without": without, "with": ~without})
        told[name] = {"share": round(float(without.mean()), 4), **both}
    return told
