"""A trained graph and the stays become evaluation.json: figures, comparisons, subgroups, gaps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherry_risk.onnx.session import Session
from wherry_risk.training.assemble import Rows
from wherry_risk.training.comparators import news2_partial
from wherry_risk.training.figures import Figures, brief, by_group, figures, points
from wherry_risk.training.metrics import Array, Outcomes
from wherry_risk.training.physionet2012 import Stays
from wherry_risk.training.recipe import MIN_KNOWN, NAMES, TIERS
from wherry_risk.training.validation import cross_validate

AGES = ((18, 50), (50, 65), (65, 80), (80, 121))


@dataclass(frozen=True, slots=True)
class Parts:
    """Which stays train the trees, which calibrate them, and which neither has seen."""

    train: NDArray[np.bool_]
    calibrate: NDArray[np.bool_]
    test: NDArray[np.bool_]


def evaluation(
    stays: Stays, rows: Rows, parts: Parts, session: Session, *, step: Callable[[str], None]
) -> Mapping[str, Any]:
    """Everything that evaluation.json holds; the test part was used for nothing else."""
    step("measuring on the test part")
    test, died = parts.test, stays.died
    p = probabilities(session, rows[test])
    answered = answerable(rows[test])
    validated = cross_validate(rows, died, stays.ids, step=step)
    step("comparing")
    return {
        "sets": sorted(set(stays.sets.tolist())),
        "parts": {name: int(getattr(parts, name).sum()) for name in ("train", "calibrate", "test")},
        "test": {
            "figures": figures(died[test], p),
            "answered": figures(died[test][answered], p[answered]),
            "thresholds": points(died[test], p, [tier.value for tier in TIERS]),
        },
        "comparators": _comparators(stays.of(test)),
        "cross_validation": {
            "figures": figures(died, validated.platt),
            "isotonic": brief(died, validated.isotonic),
        },
        "gaps": validated.gaps,
        "subgroups": by_group(died, validated.platt, _groups(stays, rows)),
    }


def probabilities(session: Session, rows: Rows) -> Array:
    """What the graph itself says, not the library that it came from."""
    return np.asarray(session.run(rows)[0][:, 0], dtype=float)


def answerable(rows: Rows) -> NDArray[np.bool_]:
    """The stays of whom enough is known for the service to answer."""
    needed = [NAMES.index(name) for name in ("heart-rate", "mean-bp", "age")]
    known = ~np.isnan(rows)
    return np.asarray((known.sum(1) >= MIN_KNOWN) & known[:, needed].all(1))


def _comparators(stays: Stays) -> dict[str, Figures]:
    scores = {"news2": news2_partial(stays.series), "saps_i": stays.saps, "sofa": stays.sofa}
    return {name: figures(stays.died, score, probability=False) for name, score in scores.items()}


def _groups(stays: Stays, rows: Rows) -> dict[str, Outcomes]:
    age = rows[:, NAMES.index("age")]
    sex = np.array([stay.get("sex", [(0.0, -1.0)])[0][1] for stay in stays.series])
    breathing = ~np.isnan(rows[:, NAMES.index("respiratory-rate")])
    groups = {
        "women": sex == 0,
        "men": sex == 1,
        "respiratory rate charted": breathing,
        "respiratory rate not charted": ~breathing,
    }
    return groups | {f"age {a} to {b - 1}": (age >= a) & (age < b) for a, b in AGES}
