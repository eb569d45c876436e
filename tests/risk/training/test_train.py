"""Training makes the same bytes each time; the shipped figures come out again on the real data."""

import csv
import gzip
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from wherry.codec import decode
from wherry_risk.cli import risk
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.training.package import parts_of
from wherry_risk.training.physionet2012 import EVENTS, OUTCOMES
from wherry_risk.training.recipe import DAY_MIN

DATA = Path(__file__).parents[4] / "shared" / "data" / "risk"
SHIPPED = PACKAGES / "icu-mortality-24h" / "0.1.0"
STAYS = 500

# What is charted in the made-up stays: parameter, middle, spread, share of stays
CHARTED = (
    ("HR", 90, 20, 1.0),
    ("MAP", 75, 15, 1.0),
    ("RespRate", 20, 5, 0.3),
    ("Temp", 37, 0.8, 1.0),
    ("HCT", 31, 5, 0.9),
    ("WBC", 12, 5, 0.9),
    ("Creatinine", 1.4, 0.4, 0.9),
    ("Na", 139, 4, 0.9),
    ("Albumin", 3, 0.5, 0.4),
    ("Glucose", 140, 40, 0.9),
    ("pH", 7.36, 0.07, 0.7),
    ("PaCO2", 41, 7, 0.7),
    ("BUN", 28, 9, 0.9),
    ("Bilirubin", 1.2, 0.5, 0.4),
    ("PaO2", 110, 30, 0.7),
    ("FiO2", 0.5, 0.1, 0.6),
    ("GCS", 11, 3, 1.0),
    ("Urine", 400, 150, 1.0),
    ("MechVent", 1, 0, 0.6),
)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set in the format of the real one; every stay is invented."""
    folder, random = tmp_path_factory.mktemp("physionet2012"), np.random.default_rng(1)
    events: list[tuple[int, int, str, float]] = []
    outcomes = []
    for id_ in range(1, STAYS + 1):
        age, worst = int(random.integers(17, 90)), random.normal()
        events.append((id_, 0, "Age", float(age)))
        for name, middle, spread, share in CHARTED:
            if random.random() < share:
                for minute in (30, DAY_MIN - 20):
                    value = max(middle + spread * (random.normal() + worst), 0.25)
                    events.append((id_, minute, name, round(value, 2)))
        died = int(random.random() < 1 / (1 + np.exp(1.5 - worst - (age - 60) / 30)))
        outcomes.append((id_, "ab"[id_ % 2], 10, 5, 6, -1, died))
    columns = zip(*events, strict=True)
    types = (pa.int32(), pa.int16(), pa.dictionary(pa.int32(), pa.string()), pa.float32())
    arrays = [pa.array(list(one), type_) for one, type_ in zip(columns, types, strict=True)]
    pq.write_table(
        pa.table(arrays, names=["RecordID", "minute", "param", "value"]), folder / EVENTS
    )
    with gzip.open(folder / OUTCOMES, "wt", newline="") as file:
        names = "RecordID,set,SAPS-I,SOFA,Length_of_stay,Survival,In-hospital_death"
        csv.writer(file).writerows([names.split(","), *outcomes])
    return folder


def trained(data: Path, out: Path) -> dict[str, bytes]:
    done = CliRunner().invoke(risk, ["train", "--data", str(data), "--out", str(out)])
    assert done.exit_code == 0, done.output
    return {path.name: path.read_bytes() for path in Path(done.stdout.strip()).iterdir()}


def test_the_same_data_give_the_same_package(made_up: Path, tmp_path: Path) -> None:
    first, second = (trained(made_up, tmp_path / name) for name in ("first", "second"))

    assert first == second
    assert sorted(first) == [
        "LICENSES.md",
        "evaluation.json",
        "golden.jsonl",
        "manifest.json",
        "model.onnx",
        "model_card.md",
    ]
    told = msgspec.json.decode(first["manifest.json"])["training"]
    assert 0 < told["n"] < STAYS  # those under 18 are left out


def test_sets_that_were_not_trained_on_are_measured_whole(made_up: Path) -> None:
    """The shipped model knows sets a and b, so of these only the test part may be used."""
    done = CliRunner().invoke(risk, ["evaluate", "--data", str(made_up), "--json"])

    told = [decode(line) for line in done.stdout.splitlines()]
    assert [(one["model"], one["dataset"]) for one in told] == [
        ("icu-mortality-24h", "physionet2012, test part"),
        ("news2", "physionet2012, test part"),
    ]
    assert told[0]["n"] + told[0]["left_out"] == int(parts_of(np.arange(1, STAYS + 1)).test.sum())
    assert told[1]["brier"] is None
    assert set(told[0]) >= {
        *("model", "version", "dataset", "n", "events", "auroc", "auprc", "brier", "slope", "ece"),
        *("o_e", "intervals", "utility"),
    }


def test_a_folder_without_data_fails_on_stderr(tmp_path: Path) -> None:
    for arguments in (["train", "--out", str(tmp_path)], ["evaluate", "--json"]):
        done = CliRunner().invoke(risk, [*arguments, "--data", str(tmp_path)])

        assert (done.exit_code, done.stdout) == (1, "")
        assert "no events.parquet" in done.stderr


def test_parts_are_disjoint_whole_and_belong_to_the_stay() -> None:
    ids = np.arange(132_539, 142_539)

    parts = parts_of(ids)

    assert ((parts.train.astype(int) + parts.calibrate + parts.test) == 1).all()
    assert parts.train.mean() == pytest.approx(0.6, abs=0.02)
    assert (parts_of(ids[::-1]).test[::-1] == parts.test).all()


def test_the_card_states_the_figures_of_the_evaluation() -> None:
    evaluation = msgspec.json.decode((SHIPPED / "evaluation.json").read_bytes())
    manifest = msgspec.json.decode((SHIPPED / "manifest.json").read_bytes())
    card = (SHIPPED / "model_card.md").read_text()

    assert manifest["metrics"]["internal"] == evaluation["test"]["figures"]
    for told in (evaluation["test"]["figures"], evaluation["cross_validation"]["figures"]):
        assert f"{told['auroc']:.3f}" in card
    assert "never be the ground for withholding or withdrawing care" in card
    assert "ODC Attribution License" in card


@pytest.mark.skipif(
    not (DATA / "physionet2012").is_dir(), reason="the PhysioNet 2012 data are not here"
)
def test_the_shipped_figures_come_out_again() -> None:
    done = CliRunner().invoke(risk, ["evaluate", "--data", str(DATA), "--json"])

    told = decode(done.stdout.splitlines()[0])
    stated = decode((SHIPPED / "manifest.json").read_bytes())["metrics"]["internal"]
    assert {name: told[name] for name in stated} == stated
    beside = decode(done.stdout.splitlines()[1])
    assert float(told["auroc"]) > float(beside["auroc"]) + 0.1
