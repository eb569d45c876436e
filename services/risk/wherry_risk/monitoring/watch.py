"""A model's scores of a window, and the outcomes that came, become its findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from wherry_risk.monitoring.alerting import Alerting, alerting
from wherry_risk.monitoring.drift import Drift, Limits, drifts
from wherry_risk.monitoring.feed import Feed, feeds
from wherry_risk.monitoring.feed import Limits as Lateness
from wherry_risk.monitoring.outcomes import QUESTIONS, Outcome, settled
from wherry_risk.monitoring.performance import Performance, performance
from wherry_risk.monitoring.seen import Known, Level, Seen, worst
from wherry_risk.onnx.manifest import Manifest

AGES = ((18, 50), (50, 65), (65, 80), (80, 121))
MEASURED = frozenset({"quantity", "ventilation"})
HOLDS_MIN = 240
"""For how long most vital signs count, and what the limits of lateness were measured for."""
SEXES = {"men": 1.0, "women": 0.0}


@dataclass(frozen=True, slots=True)
class Findings:
    """How one version of a model did in a window, for one tenant and in one role."""

    tenant: str
    model: str
    version: str
    role: str
    since: datetime
    until: datetime
    alerting: Alerting
    feeds: tuple[Feed, ...]
    drifts: tuple[Drift, ...]
    performance: Performance | None
    level: Level


@dataclass(frozen=True, slots=True)
class Watched:
    """Whose scores these are: a version that a tenant has in a role, and what it was like new."""

    tenant: str
    role: str
    manifest: Manifest
    reference: Mapping[str, Any]


def findings(
    of: Watched,
    seen: Sequence[Seen],
    outcomes: Sequence[Outcome],
    *,
    matured: Sequence[Seen],
    since: datetime,
    until: datetime,
) -> Findings:
    """Everything that can be said of these scores; what is too little says so.

    `matured` are those that outcomes may answer: the same ones, and older ones.
    """
    told = of.manifest.monitoring
    limits = Limits(told.psi_warn, told.psi_alarm, told.min_n)
    fed = feeds(lateness(of.manifest), seen, now=until)
    scored = [one for one in seen if one.row and one.probability is not None]
    moved = _drifts(of, scored, limits) if scored else []
    known = known_of(of.manifest, matured, outcomes)
    did = performance(known) if known else None
    levels = [*(one.level for one in fed), *(one.level for one in moved)]
    return Findings(
        tenant=of.tenant,
        model=of.manifest.id,
        version=of.manifest.version,
        role=of.role,
        since=since,
        until=until,
        alerting=alerting(seen, lowest=of.manifest.thresholds[0].name),
        feeds=tuple(fed),
        drifts=tuple(moved),
        performance=did,
        level=worst([*levels, *([did.level] if did else [])]) if seen else Level.INSUFFICIENT,
    )


def lateness(manifest: Manifest) -> dict[str, Lateness]:
    """How late each measured input may be: the package's limits are those of what holds for 4 h.

    What holds longer, such as a laboratory value, may be later in proportion.
    """
    told = manifest.monitoring
    return {
        one.name: Lateness(told.lag_warn_min * 60 * share, told.lag_refuse_min * 60 * share)
        for one in manifest.inputs
        if one.source in MEASURED
        for share in ((one.max_age_min.inpatient or HOLDS_MIN) / HOLDS_MIN,)
    }


def known_of(manifest: Manifest, seen: Sequence[Seen], outcomes: Sequence[Outcome]) -> Known | None:
    """What is known of the scores; None when the model asks nothing that outcomes answer."""
    question = QUESTIONS.get(manifest.id)
    if question is None:
        return None
    pairs = sorted(settled(question, seen, outcomes), key=lambda pair: pair[0].at)
    return Known(
        probability=[one.probability or 0.0 for one, _ in pairs],
        outcome=[answer for _, answer in pairs],
        patient=[one.patient for one, _ in pairs],
        groups=groups_of(manifest, [one.row for one, _ in pairs]),
    )


def groups_of(manifest: Manifest, rows: Sequence[Sequence[float]]) -> dict[str, list[bool]]:
    """Who belongs to which group: by age and sex as the model read them.

    Nothing else is known of a score: who a person is stays with the record that it came from.
    """
    places = {feature.name: n for n, feature in enumerate(manifest.features)}
    made: dict[str, list[bool]] = {}
    if (sex := places.get("sex")) is not None:
        made |= {name: [_is(row, sex, value) for row in rows] for name, value in SEXES.items()}
    if (age := places.get("age")) is not None:
        made |= {
            f"age {low} to {high - 1}": [bool(row) and low <= row[age] < high for row in rows]
            for low, high in AGES
        }
    return made


def _is(row: Sequence[float], place: int, value: float) -> bool:
    return bool(row) and row[place] == value


def _drifts(of: Watched, scored: Sequence[Seen], limits: Limits) -> list[Drift]:
    rows = np.asarray([one.row for one in scored], dtype=float)
    scores = np.asarray([one.probability for one in scored], dtype=float)
    names = [feature.name for feature in of.manifest.features]
    return drifts(names, rows, scores, of.reference, limits=limits)
