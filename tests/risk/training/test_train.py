"""Training makes the same bytes each time; what was seen in training is never measured."""

import shutil
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from wherry.codec import decode
from wherry.errors import Failure
from wherry_risk.cli import risk
from wherry_risk.onnx.load import PACKAGES, load
from wherry_risk.training.parts import known_again, prints_of, seen_of
from wherry_risk.training.people import share
from wherry_risk.training.recipes import RECIPES
from wherry_risk.training.recipes.icu import ICU

DATA = Path(__file__).parents[4] / "shared" / "data" / "risk"
SHIPPED = {id_: PACKAGES / id_ / recipe.version for id_, recipe in RECIPES.items()}
THERE = sorted(RECIPES)


def run(*arguments: str | Path) -> Any:
    return CliRunner().invoke(risk, [str(one) for one in arguments])


def trained(data: Path, out: Path, *more: str | Path) -> dict[str, bytes]:
    done = run("train", "--data", data, "--out", out, "--model", ICU.id, *more)
    assert done.exit_code == 0, done.output
    return {path.name: path.read_bytes() for path in Path(done.stdout.strip()).iterdir()}


def evaluated(data: Path, *more: str | Path) -> list[dict[str, Any]]:
    done = run("evaluate", "--data", data, "--model", ICU.id, "--json", *more)
    assert done.exit_code == 0, done.output
    return [decode(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def package(stays: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packages trained on the made-up stays."""
    out = tmp_path_factory.mktemp("packages")
    trained(stays, out, "--fresh")
    return out


def test_the_same_data_give_the_same_package_anew_and_from_kept_steps(
    stays: Path, package: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    first = {path.name: path.read_bytes() for path in (package / ICU.id / ICU.version).iterdir()}

    assert trained(stays, tmp_path / "second", "--work", work) == first
    assert sorted(path.suffix for path in work.iterdir()) == [".json", ".json", ".npz"]
    assert trained(stays, tmp_path / "third", "--work", work) == first
    assert sorted(first) == [
        "CHANGELOG.md",
        "LICENSES.md",
        "evaluation.json",
        "golden.jsonl",
        "manifest.json",
        "model.onnx",
        "model_card.json",
        "model_card.md",
        "reference.json",
        "seen.bin",
    ]


def test_of_its_own_data_only_people_are_measured_whom_training_has_not_seen(
    stays: Path, package: Path
) -> None:
    model, beside = evaluated(stays, "--packages", package)

    unseen = [n for n in range(1, 501) if share(ICU.salt, str(n)) >= ICU.calibrate_up_to]
    assert 0 < model["n"] <= len(unseen)
    assert model["n"] + model["out_of_scope"] + model["seen_left_out"] == 500
    assert model["rows"].endswith("the others trained or calibrated the model")
    assert (beside["model"], beside["n"], beside["brier"]) == ("news2", model["n"], None)
    assert set(model) >= {
        *("model", "version", "dataset", "n", "events", "auroc", "auprc", "brier", "slope", "ece"),
        *("o_e", "intervals", "utility", "patients"),
    }


def test_of_other_people_everybody_is_measured(package: Path, write_2012: Any) -> None:
    model, _ = evaluated(write_2012(range(1001, 1301)), "--packages", package)

    assert model["seen_left_out"] == 0
    assert model["n"] + model["out_of_scope"] == 300
    assert model["rows"] == "all 300 people of the files, none of them seen in training"


def test_the_seen_are_known_again_in_a_file_with_others(package: Path, write_2012: Any) -> None:
    model, _ = evaluated(write_2012([*range(1, 101), *range(2001, 2101)]), "--packages", package)

    seen = sum(share(ICU.salt, str(n)) < ICU.calibrate_up_to for n in range(1, 101))
    assert seen - 10 < model["seen_left_out"] <= seen  # of those under 18 training saw none
    assert model["n"] + model["out_of_scope"] + model["seen_left_out"] == 200


def test_only_seen_people_give_no_figures(package: Path, write_2012: Any) -> None:
    seen = [n for n in range(1, 60) if share(ICU.salt, str(n)) < ICU.calibrate_up_to]

    done = run(
        *("evaluate", "--data", write_2012(seen), "--model", ICU.id, "--packages", package),
        "--json",
    )

    assert (done.exit_code, done.stdout) == (1, "")
    assert "nobody is left" in done.stderr


def test_files_are_found_by_their_columns_in_folders_and_under_any_name(
    package: Path, write_2012: Any, tmp_path: Path
) -> None:
    for name, ids in (("one", range(3001, 3101)), ("two", range(3101, 3151))):
        deep = tmp_path / name / "deeper"
        deep.mkdir(parents=True)
        write_2012(ids, deep)
        (deep / "events.parquet").rename(deep / "x.parquet")
        (deep / "outcomes.csv.gz").rename(deep / f"{name}.csv.gz")
    (tmp_path / "SOURCE.txt").write_text("notes")
    (tmp_path / "broken.parquet").write_bytes(b"no table")
    (tmp_path / "broken.csv.gz").write_bytes(b"no table")

    model, _ = evaluated(tmp_path, "--packages", package)

    assert model["n"] + model["out_of_scope"] == 150


def test_a_folder_without_data_fails_on_stderr(tmp_path: Path) -> None:
    for arguments in (["train", "--out", tmp_path / "out"], ["evaluate", "--json"]):
        done = run(*arguments, "--data", tmp_path)

        assert (done.exit_code, done.stdout) == (1, "")
        assert "no data set" in done.stderr


def test_a_data_set_of_which_a_file_is_lacking_says_which(stays: Path, tmp_path: Path) -> None:
    shutil.copy(stays / "events.parquet", tmp_path)

    done = run("evaluate", "--data", tmp_path)

    assert done.exit_code == 1
    assert "of physionet2012 no file with 2012-outcomes" in done.stderr


def test_an_unknown_model_is_named(stays: Path) -> None:
    done = run("train", "--data", stays, "--model", "crystal-ball")

    assert done.exit_code == 1
    assert "no such model" in done.stderr


def test_the_list_of_the_seen_holds_hashes_and_knows_only_them() -> None:
    people = np.array([str(n) for n in range(2000)])

    seen = seen_of(ICU, people)

    prints = prints_of(seen)
    found = [known_again(prints, ICU.salt, str(n)) for n in range(4000)]
    expected = [n < 2000 and share(ICU.salt, str(n)) < ICU.calibrate_up_to for n in range(4000)]
    assert found == expected


def test_parts_hold_their_share_and_models_of_one_data_set_share_them() -> None:
    shares = np.array([share(ICU.salt, str(n)) for n in range(132_539, 142_539)])

    assert (shares >= 0.8).mean() == pytest.approx(0.2, abs=0.02)
    for recipe in RECIPES.values():
        same = {one.calibrate_up_to for one in RECIPES.values() if one.dataset == recipe.dataset}
        assert same == {recipe.calibrate_up_to}


@pytest.mark.parametrize("id_", THERE)
def test_a_package_of_each_recipe_is_shipped_and_served(id_: str) -> None:
    folder = SHIPPED[id_]

    model = load(folder)

    assert model.manifest.artifact.parity_max_abs <= 1e-6
    assert sum(path.stat().st_size for path in folder.iterdir()) < 2_000_000


@pytest.mark.parametrize("id_", THERE)
def test_the_card_states_the_figures_of_the_evaluation(id_: str) -> None:
    evaluation = msgspec.json.decode((SHIPPED[id_] / "evaluation.json").read_bytes())
    manifest = msgspec.json.decode((SHIPPED[id_] / "manifest.json").read_bytes())
    card = (SHIPPED[id_] / "model_card.md").read_text()

    test = evaluation["test"]["figures"]
    assert manifest["metrics"]["internal"] == test
    low, high = test["intervals"]["auroc"]
    assert f"{test['auroc']:.3f} ({low:.3f}–{high:.3f})" in card
    assert all(line in card for line in manifest["limits"])
    assert manifest["training"]["attribution"] in card


@pytest.mark.parametrize("id_", THERE)
def test_the_card_has_the_31_source_attributes_and_the_sections_of_chai(id_: str) -> None:
    told = msgspec.json.decode((SHIPPED[id_] / "model_card.json").read_bytes())

    attributes = told["source_attributes"]
    assert [name.split(".")[0] for name in attributes] == [str(n) for n in range(1, 32)]
    assert all(text.strip() for text in attributes.values())
    assert set(told["applied_model_card"]) == {
        *("BasicInfo", "ReleaseInfo", "ModelSummary", "UsesAndDirections", "Warnings"),
        *("TrustIngredients", "KeyMetrics", "Resources", "Bibliography"),
    }


@pytest.mark.skipif(not DATA.is_dir(), reason="the data sets are not here")
@pytest.mark.parametrize("id_", [ICU.id, "readmission-30d"])
def test_the_shipped_figures_come_out_again(id_: str) -> None:
    done = run("evaluate", "--data", DATA, "--model", id_, "--json")

    told = decode(done.stdout.splitlines()[0])
    stated = decode((SHIPPED[id_] / "manifest.json").read_bytes())["metrics"]["internal"]
    assert {name: told[name] for name in stated} == stated


def test_a_swapped_document_of_a_package_is_found(tmp_path: Path) -> None:
    folder = tmp_path / ICU.id / ICU.version
    shutil.copytree(SHIPPED[ICU.id], folder)
    (folder / "evaluation.json").write_text("{}")

    with pytest.raises(Failure, match="hash"):
        load(folder)


def test_there_is_one_object_for_each_model_and_data_set(write_2012: Any) -> None:
    """Two shipped models are measured on these stays, and NEWS2 once beside both."""
    done = run("evaluate", "--data", write_2012(range(700_001, 700_121)), "--json")

    told = [decode(line) for line in done.stdout.splitlines()]
    assert sorted((one["model"], one["dataset"]) for one in told) == [
        ("icu-mortality-24h", "physionet2012"),
        ("icu-mortality-24h-full", "physionet2012"),
        ("news2", "physionet2012"),
    ]
