"""The rule of promotion: each condition can fail by itself, and too little data is no yes."""

from array import array
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from wherry_risk.lifecycle.promotion import Criterion, Side, criteria, holds
from wherry_risk.monitoring.outcomes import Happening, Outcome
from wherry_risk.monitoring.seen import Seen
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.onnx.manifest import Manifest, read_manifest

AT = datetime(2026, 10, 1, tzinfo=UTC)
PEOPLE = 1500
FOLDER = next((PACKAGES / "icu-mortality-24h").iterdir())
MANIFEST: Manifest = read_manifest((FOLDER / "manifest.json").read_bytes())
AGE = [feature.name for feature in MANIFEST.features].index("age")
ALERT = MANIFEST.thresholds[1].value

random = np.random.default_rng(7)
TRUTH = random.normal(-2.2, 1.3, PEOPLE)
DIED = random.random(PEOPLE) < 1 / (1 + np.exp(-TRUTH))
OUTCOMES = [
    Outcome(f"p-{n}", "", Happening.DEATH_IN_HOSPITAL, bool(died), AT + timedelta(days=5))
    for n, died in enumerate(DIED.tolist())
]


def side(log_odds: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> Side:
    """Half of the people are 40, half are 70."""
    seen = []
    for n, p in enumerate((1 / (1 + np.exp(-log_odds))).tolist()):
        row = array("f", [float("nan")] * len(MANIFEST.features))
        row[AGE] = 40 if n % 2 else 70
        tier = MANIFEST.thresholds[1].name if p >= ALERT else MANIFEST.thresholds[0].name
        seen.append(Seen(f"p-{n}", AT, p, tier=tier, row=row))
    return Side(MANIFEST, seen)


CHAMPION = side(TRUTH + random.normal(0, 0.5, PEOPLE))


def failing(told: list[Criterion]) -> set[str]:
    return {one.name for one in told if not one.holds}


def test_a_version_that_does_as_well_may_be_promoted() -> None:
    told = criteria(CHAMPION, side(TRUTH), OUTCOMES)

    assert holds(told), failing(told)
    assert {one.name for one in told} >= {
        "AUROC beside the champion's",
        "calibration slope",
        "observed over expected",
        "AUROC of age 18 to 49",
        "alerts per 100 patient-days",
    }


def test_a_version_that_ranks_worse_is_refused() -> None:
    told = criteria(CHAMPION, side(TRUTH + np.random.default_rng(1).normal(0, 2.5, PEOPLE)),
                    OUTCOMES)  # fmt: skip

    assert "AUROC beside the champion's" in failing(told)


@pytest.mark.parametrize(
    ("changed", "name"),
    [(TRUTH * 2, "calibration slope"), (TRUTH - 1, "observed over expected"),
     (TRUTH - 1, "alerts per 100 patient-days")],
)  # fmt: skip
def test_each_condition_fails_by_itself(
    changed: "np.ndarray[tuple[int], np.dtype[np.float64]]", name: str
) -> None:
    told = criteria(CHAMPION, side(changed), OUTCOMES)

    assert name in failing(told)
    assert "AUROC beside the champion's" not in failing(told)


def test_a_group_that_is_worse_off_is_enough() -> None:
    young = np.arange(PEOPLE) % 2 == 1
    noise = np.random.default_rng(2).normal(0, 2, PEOPLE)

    told = criteria(CHAMPION, side(np.where(young, TRUTH + noise, TRUTH)), OUTCOMES)

    assert "AUROC of age 18 to 49" in failing(told)
    assert "AUROC of age 65 to 79" not in failing(told)


def test_too_few_data_are_no_yes_and_no_figure_is_made_up() -> None:
    told = criteria(CHAMPION, side(TRUTH), OUTCOMES[:100])

    assert not holds(told)
    assert "scores of both with a known outcome" in failing(told)
    assert len(told) == 3


def test_scores_of_other_moments_are_not_compared() -> None:
    moved = side(TRUTH)
    later = Side(MANIFEST, [Seen(one.patient, AT + timedelta(hours=1), one.probability)
                            for one in moved.seen])  # fmt: skip

    told = criteria(CHAMPION, later, OUTCOMES)

    assert told[0].figure == "0"
    assert not holds(told)
