"""Hours of PhysioNet 2019 as FHIR: each hour has the row and the probability of `evaluate`."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.risk.backtest.exports import T0, UNTIL, resources

from wherry.codec import decode
from wherry_risk.backtest.judging import Question, judgements
from wherry_risk.backtest.moments import Judgement
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, load_all
from wherry_risk.onnx.trained import Trained
from wherry_risk.training.assemble import tabulate
from wherry_risk.training.data import physionet2019
from wherry_risk.training.data.files import files_of
from wherry_risk.training.measuring import in_scope, probabilities
from wherry_risk.training.people import Person

DATA = Path(__file__).parents[4] / "shared" / "data" / "risk" / "physionet2019_setB"
PEOPLE = 8
DIASTOLIC = "diastolic-bp"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="PhysioNet 2019 is not on this machine")


@pytest.fixture(scope="module")
def model() -> Trained:
    found = load_all(PACKAGES).models["sepsis-6h"]
    assert isinstance(found, Trained)
    return found


@pytest.fixture(scope="module")
def people() -> list[Person]:
    """Some adults, without diastolic pressure: the service makes a mean pressure of it where none
    was charted, and the readers of data sets do not.
    """
    found = [
        replace(one, series={name: told for name, told in one.series.items() if name != DIASTOLIC})
        for one in islice(physionet2019.people(files_of(DATA)), 3 * PEOPLE)
        if one.series["age"].values[0] >= 18 and len(one.moments_s) > 1
    ]
    return found[:PEOPLE]


@pytest.fixture(scope="module")
def judged(model: Trained, people: list[Person]) -> dict[tuple[str, float], Judgement]:
    asked = Question(model, registry()["news2"], "hourly", {}, UNTIL)
    return {
        (person.id, (one.at - T0) / timedelta(seconds=1)): one
        for person in people
        for one in judgements(asked, person.id, sent(model, person))
    }


def sent(model: Trained, person: Person) -> list[Any]:
    """The resources as they are read from a file, each number with its digits."""
    return [decode(json.dumps(one)) for one in resources(model.manifest, person)]


def test_every_hour_has_the_same_probability(
    model: Trained, people: list[Person], judged: dict[tuple[str, float], Judgement]
) -> None:
    manifest = model.manifest
    table = tabulate(manifest.inputs, manifest.features, people)
    inside = in_scope(manifest.inputs, manifest.features, table.rows)
    p = probabilities(model.session, table.rows)
    keys = [(one.id, at_s) for one in people for at_s in one.moments_s]

    assert len(keys) > 200
    given = [judged[key].probability for key, of in zip(keys, inside, strict=True) if of]
    assert None not in given
    assert np.abs(np.array(given, dtype=float) - p[inside]).max() <= 1e-6
    assert all(judged[key].probability is None for key, of in zip(keys, ~inside, strict=True) if of)
