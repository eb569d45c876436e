"""Ten years of real discharges: inputs move, the score hardly, and the calibration does."""

from pathlib import Path

import numpy as np
import pytest

from wherry_risk.monitoring.drift import Drift, Limits, drifts
from wherry_risk.monitoring.performance import performance
from wherry_risk.monitoring.seen import Known, Level
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.trained import Trained
from wherry_risk.training.assemble import Table, tabulate
from wherry_risk.training.data import uci_diabetes130
from wherry_risk.training.data.files import files_of
from wherry_risk.training.data.tables import rows_of
from wherry_risk.training.measuring import probabilities
from wherry_risk.training.people import share
from wherry_risk.training.reference import reference

DATA = Path(__file__).parents[4] / "shared" / "data" / "risk" / "uci_diabetes130"
EARLIER = 0.7
SOME = 0.4

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the UCI data are not on this machine")


@pytest.fixture(scope="module")
def model() -> Trained:
    found = load_all(PACKAGES).models["readmission-30d"]
    assert isinstance(found, Trained)
    return found


@pytest.fixture(scope="module")
def parts(model: Trained) -> tuple[Table, Table]:
    """Encounters by their numbers, which is about by time; of the later ones those of new people.

    Some of the people are enough, always the same.
    """
    files = files_of(DATA)
    rows = [
        row for path in files["uci-encounters"] for row in rows_of(path, uci_diabetes130.NEEDED)
    ]
    kept = sorted(
        (
            row
            for row in rows
            if row["discharge_disposition_id"] not in uci_diabetes130.GONE
            and share("drift", row["patient_nbr"]) < SOME
        ),
        key=lambda row: (int(row["patient_nbr"]), int(row["encounter_id"])),
    )
    number = np.array([int(row["encounter_id"]) for row in kept])
    table = tabulate(
        model.manifest.inputs, model.manifest.features,
        (one for one in uci_diabetes130.people(files) if share("drift", one.id) < SOME),
        compared=lambda _: False,
    )  # fmt: skip
    later = number > np.quantile(number, EARLIER)
    before = table.of(~later)
    return before, table.of(later & ~np.isin(table.person, before.person))


@pytest.fixture(scope="module")
def moved(model: Trained, parts: tuple[Table, Table]) -> dict[str, Drift]:
    before, after = parts
    manifest = model.manifest
    like = reference(manifest.features, before, probabilities(model.session, before.rows))
    scores = probabilities(model.session, after.rows)
    names = [feature.name for feature in manifest.features]
    told = drifts(names, after.rows.astype(float), scores, like, limits=Limits())
    return {one.name: one for one in told}


def test_the_number_of_diagnoses_alarms_while_the_score_does_not(moved: dict[str, Drift]) -> None:
    assert moved["diagnoses"].psi == pytest.approx(0.238, abs=0.04)
    assert moved["diagnoses"].level in {Level.WARN, Level.ALARM}
    assert moved["score"].level is Level.OK


def test_calibration_moves_though_the_score_does_not(
    model: Trained, parts: tuple[Table, Table]
) -> None:
    o_e = [_o_e(model, part) for part in parts]

    assert o_e[1] < 0.95 * o_e[0]


def _o_e(model: Trained, table: Table) -> float:
    p = probabilities(model.session, table.rows)
    told = performance(Known(p.tolist(), table.outcome.tolist(), table.person.tolist(), {}))
    assert told is not None
    return float(told.figures["o_e"])
