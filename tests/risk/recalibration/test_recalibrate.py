"""Local recalibration: a new version that loads, serves and says what was done; or a refusal."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from wherry.errors import Failure
from wherry_risk.cli import risk
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.onnx.load import PACKAGES, load, versions_of
from wherry_risk.onnx.trained import Trained
from wherry_risk.recalibration.fit import Known, fitted, part_of
from wherry_risk.recalibration.package import Signed, write
from wherry_risk.training.metrics import sigmoid

MODEL = "icu-mortality-24h"
FOLDER = PACKAGES / MODEL / versions_of(PACKAGES)[MODEL][-1]
NEW = "7.0.1"
SIGNED = Signed("A. Name", datetime(2026, 11, 1, tzinfo=UTC), "a test")
TRUE_SLOPE, TRUE_INTERCEPT = 0.7, -0.6


@pytest.fixture(scope="module")
def old() -> Trained:
    return load(FOLDER)


def patients(old: Trained, count: int = 4000) -> list[Known]:
    """A site where the model's log-odds are too extreme and too high."""
    random = np.random.default_rng(3)
    margin = random.normal(-2, 1.5, count)
    now = old.manifest.calibration.slope * margin + old.manifest.calibration.intercept
    died = random.random(count) < sigmoid(TRUE_SLOPE * now + TRUE_INTERCEPT)
    return [
        Known(m, y, part_of(f"p-{n}"))
        for n, (m, y) in enumerate(zip(margin.tolist(), died.tolist(), strict=True))
    ]


@pytest.fixture(scope="module")
def made(old: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    known = patients(old)
    fit = fitted(old.manifest.calibration, known, told="a test")
    out = tmp_path_factory.mktemp("packages")
    return write(old, FOLDER, fit, known, SIGNED, version=NEW, out=out)


def test_it_finds_what_is_wrong_and_mends_it(old: Trained) -> None:
    fit = fitted(old.manifest.calibration, patients(old), told="a test")

    assert (fit.slope, fit.intercept) == pytest.approx((TRUE_SLOPE, TRUE_INTERCEPT), abs=0.12)
    assert fit.before["o_e"] < 0.9
    assert fit.after["o_e"] == pytest.approx(1, abs=0.02)
    assert fit.after["slope"] == pytest.approx(1, abs=0.05)
    assert fit.after["auroc"] == pytest.approx(fit.before["auroc"], abs=0.005)


def test_the_new_version_loads_and_only_its_probabilities_changed(old: Trained, made: Path) -> None:
    new = load(made)
    rows = np.array([[np.nan] * len(old.columns)] * 3, dtype=np.float32)
    rows[:, :4] = [[80, 70, 20, 37], [140, 50, 35, 39], [60, 90, 12, 36]]

    before, after = old.session.run(rows), new.session.run(rows)

    assert np.array_equal(before[1], after[1])
    assert np.array_equal(before[2], after[2])
    calibration = new.manifest.calibration
    expected = sigmoid(calibration.slope * after[1][:, 0].astype(float) + calibration.intercept)
    assert np.abs(after[0][:, 0] - expected).max() < 1e-6
    assert (after[0] != before[0]).all()


def test_the_parts_of_a_score_still_sum_to_its_log_odds(made: Path, make: Any) -> None:
    new = load(made)

    verdict = judge(new, record(make.icu()), at=make.at).verdict
    other = judge(new, record(make.icu(values={"8867-4": "160"})), at=make.at).verdict

    def of(one: Any) -> tuple[float, float]:
        p = float(np.frombuffer(one.graph.probability, "<f4")[0])
        return float(sum(part.points for part in one.parts)), float(np.log(p / (1 - p)))

    (points, log_odds), (other_points, other_log_odds) = of(verdict), of(other)
    assert other_points - points == pytest.approx(other_log_odds - log_odds, abs=0.02)


def test_every_document_says_who_did_it_on_what(made: Path) -> None:
    manifest = json.loads((made / "manifest.json").read_text())
    card, changes = ((made / name).read_text() for name in ("model_card.md", "CHANGELOG.md"))

    assert manifest["version"] == NEW
    assert manifest["metrics"]["local"]["by"] == "A. Name"
    assert f"version {NEW}" in card.splitlines()[0]
    assert "Recalibrated by A. Name on 2026-11-01" in card
    assert changes.splitlines()[2] == f"## {NEW}"
    machine = json.loads((made / "model_card.json").read_text())
    assert "A. Name" in machine["source_attributes"]["27. Validity in local data"]


def test_the_distribution_of_the_score_moves_with_it(made: Path) -> None:
    before, after = (json.loads((folder / "reference.json").read_text())
                     for folder in (FOLDER, made))  # fmt: skip

    assert after["features"] == before["features"]
    assert after["score"]["shares"] == before["score"]["shares"]
    assert after["score"]["edges"][-1] < before["score"]["edges"][-1]


def test_a_version_is_never_written_over(old: Trained, made: Path) -> None:
    known = patients(old)
    fit = fitted(old.manifest.calibration, known, told="a test")

    with pytest.raises(Failure, match="there already"):
        write(old, FOLDER, fit, known, SIGNED, version=NEW, out=made.parents[1])


def some(events: int, others: int) -> Sequence[Known]:
    return [Known(0.1 * n, True, n % 5) for n in range(events)] + [
        Known(-0.1 * n, False, n % 5) for n in range(others)
    ]


@pytest.mark.parametrize(("events", "others"), [(99, 500), (500, 99), (0, 0)])
def test_fewer_than_a_hundred_of_either_are_refused(old: Trained, events: int, others: int) -> None:
    with pytest.raises(Failure, match="at least 100"):
        fitted(old.manifest.calibration, some(events, others), told="a test")


def test_a_model_that_ranks_the_wrong_way_round_is_refused(old: Trained) -> None:
    turned = [one._replace(outcome=not one.outcome) for one in patients(old)]

    with pytest.raises(Failure, match="wrong way round"):
        fitted(old.manifest.calibration, turned, told="a test")


def told(path: Path, old: Trained, sha256: str = "") -> Path:
    margins = [list(one) for one in patients(old)]
    path.write_text(json.dumps({"model": MODEL, "margins": margins, "rows": {},
                                "manifest_sha256": sha256 or old.spec.sha256}))  # fmt: skip
    return path


def ask(*arguments: str) -> Any:
    return CliRunner().invoke(
        risk, ["recalibrate", f"{MODEL}@{FOLDER.name}", "--by", "A. Name", *arguments]
    )


def test_the_command_writes_the_next_version_from_a_backtest(old: Trained, tmp_path: Path) -> None:
    source = told(tmp_path / "backtest.json", old)

    first, second = (ask("--from", str(source), "-o", str(tmp_path / "out")) for _ in range(2))

    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    patch = int(FOLDER.name.rpartition(".")[2])
    stem = FOLDER.name.rpartition(".")[0]
    assert versions_of(tmp_path / "out") == {MODEL: (f"{stem}.{patch + 1}", f"{stem}.{patch + 2}")}


def test_a_backtest_of_another_version_is_refused(old: Trained, tmp_path: Path) -> None:
    source = told(tmp_path / "backtest.json", old, sha256="0" * 64)

    result = ask("--from", str(source), "-o", str(tmp_path / "out"))

    assert result.exit_code == 1
    assert "another version" in result.output
    assert not (tmp_path / "out").exists()
