"""The eICU demo as FHIR: a backtest gives the figures that `wherry risk evaluate` gives."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.risk.backtest.exports import UNTIL, write

from wherry_risk.backtest.run import Backtest, run
from wherry_risk.backtest.summary import Tally
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.trained import Trained
from wherry_risk.training.assemble import tabulate
from wherry_risk.training.data import eicu_demo
from wherry_risk.training.data.files import files_of
from wherry_risk.training.figures import figures
from wherry_risk.training.measuring import in_scope, probabilities
from wherry_risk.training.people import Person

DATA = Path(__file__).parents[4] / "shared" / "data" / "risk" / "eicu_demo"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the eICU demo is not on this machine")


class Quiet:
    def step(self, text: str, total: int | None) -> None:
        """Nobody watches."""

    def advance(self, by: int = 1) -> None:
        """Nobody watches."""


@pytest.fixture(scope="module")
def model() -> Trained:
    found = load_all(PACKAGES).models["icu-mortality-24h"]
    assert isinstance(found, Trained)
    return found


def adults() -> list[Person]:
    """The service answers nobody under 18; `evaluate` has no such rule."""
    return [one for one in eicu_demo.people(files_of(DATA)) if one.series["age"].values[0] >= 18]


@pytest.fixture(scope="module")
def results(
    model: Trained, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Tally]:
    people = adults()
    folder = tmp_path_factory.mktemp("export")
    write(folder, model.manifest, people)
    work = tmp_path_factory.mktemp("work")
    test = Backtest(folder, model, registry()["news2"], "first-day", None, UNTIL, work)
    return run(test, Quiet())


def test_the_same_people_have_the_same_probabilities_and_the_same_figures(
    model: Trained, results: tuple[dict[str, Any], Tally]
) -> None:
    told, made = results
    manifest = model.manifest
    people = adults()
    table = tabulate(manifest.inputs, manifest.features, people)
    table = table.of(in_scope(manifest.inputs, manifest.features, table.rows))
    p = probabilities(model.session, table.rows)

    assert made.person == table.person.tolist()
    assert np.abs(np.array(made.p) - p).max() <= 1e-6
    assert told["figures"] == figures(table.outcome, p, table.person)
    assert told["rows"]["people"] == len(people)
