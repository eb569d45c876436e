"""The commands of a model's life, on a database with made-up scores and outcomes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import make_engine
from wherry_risk.cli import risk
from wherry_risk.lifecycle.outcomes_sql import SqlOutcomes
from wherry_risk.migrate import upgrade
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.monitoring.outcomes import Happening, Outcome
from wherry_risk.onnx.load import PACKAGES, load, versions_of
from wherry_risk.recalibration.fit import Known, fitted
from wherry_risk.recalibration.package import Signed, write
from wherry_risk.recording import kept_of
from wherry_risk.records_sql import SqlRecords

MODEL = "icu-mortality-24h"
OLD = versions_of(PACKAGES)[MODEL][-1]
NEW = "9.0.0"
SIGN = ("--by", "A. Name", "--reason", "a test")
NOW = SystemClock().now()
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped version, and one whose probabilities are a little lower."""
    root = tmp_path_factory.mktemp("packages")
    folder = root / MODEL / OLD
    folder.mkdir(parents=True)
    for path in (PACKAGES / MODEL / OLD).iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    old = load(folder)
    random = np.random.default_rng(1)
    margin = random.normal(-2, 1.5, 3000)
    now = old.manifest.calibration.slope * margin + old.manifest.calibration.intercept
    died = random.random(3000) < 1 / (1 + np.exp(-(now - 0.05)))
    known = [Known(m, y, n % 5) for n, (m, y) in
             enumerate(zip(margin.tolist(), died.tolist(), strict=True))]  # fmt: skip
    fit = fitted(old.manifest.calibration, known, told="a test")
    write(old, folder, fit, known, Signed("A. Name", NOW, "a test"), version=NEW, out=root)
    return root


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path}/wherry.db"
    upgrade(made)
    return made


@pytest.fixture
def ask(url: str, packages: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setenv("WHERRY_DATABASE_URL", url)
    monkeypatch.setenv("WHERRY_RISK_PACKAGES", str(packages))

    def asked(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(risk, arguments)
        assert result.exit_code == code, result.output
        return str(result.output)

    return asked


def roles(ask: Ask) -> dict[str, str]:
    lines = ask("roles", "--json").splitlines()
    told = [msgspec.json.decode(line) for line in lines]
    return {one["version"]: one["role"] for one in told}


def test_a_shadow_is_assigned_and_retired_by_name(ask: Ask) -> None:
    ask("assign", f"{MODEL}@{NEW}", "--role", "shadow", *SIGN)
    assert roles(ask) == {f"{MODEL}@{NEW}": "shadow"}

    ask("retire", f"{MODEL}@{NEW}", *SIGN)

    assert roles(ask)[f"{MODEL}@{NEW}"] == "retired"
    trail = ask("roles", "--trail", "--json").splitlines()
    assert {msgspec.json.decode(line)["by"] for line in trail} == {"A. Name"}


def test_a_version_that_lies_nowhere_is_told(ask: Ask) -> None:
    said = ask("assign", f"{MODEL}@8.8.8", "--role", "shadow", *SIGN, code=1)

    assert f"there is no package {MODEL}@8.8.8" in said


def test_without_scores_a_promotion_is_refused_and_nothing_is_changed(ask: Ask) -> None:
    ask("assign", f"{MODEL}@{OLD}", "--role", "challenger", *SIGN)

    said = ask("promote", f"{MODEL}@{OLD}", *SIGN, code=1)

    assert "at least 500" in said
    assert "nothing was changed" in said
    assert roles(ask) == {f"{MODEL}@{OLD}": "challenger"}


def test_breaking_the_rule_takes_a_reason_that_is_kept(ask: Ask) -> None:
    ask("promote", f"{MODEL}@{OLD}", *SIGN, "--despite", "the newer one is broken")

    assert roles(ask) == {f"{MODEL}@{NEW}": "retired", f"{MODEL}@{OLD}": "champion"}
    last = msgspec.json.decode(ask("roles", "--trail", "--json").splitlines()[-1])
    assert last["despite"] == "the newer one is broken"
    assert last["criteria"][0]["holds"] is False


def test_who_answers_without_a_name_is_named_without_a_rule(ask: Ask) -> None:
    said = ask("promote", f"{MODEL}@{NEW}", *SIGN)

    assert "now it is named" in said
    assert roles(ask) == {f"{MODEL}@{NEW}": "champion"}
    assert "already" in ask("promote", f"{MODEL}@{NEW}", *SIGN, code=1)


def test_going_back_is_one_command(ask: Ask) -> None:
    ask("promote", f"{MODEL}@{OLD}", *SIGN, "--despite", "for the test")

    ask("rollback", MODEL, *SIGN)

    assert roles(ask) == {f"{MODEL}@{NEW}": "champion", f"{MODEL}@{OLD}": "retired"}


def test_a_promotion_that_holds_tells_every_figure(
    ask: Ask, url: str, packages: Path, make: Any
) -> None:
    _fill(url, packages, make)

    told = msgspec.json.decode(ask("promote", f"{MODEL}@{OLD}", *SIGN, "--json").splitlines()[0])

    assert told["holds"], told
    assert told["champion"] == f"{MODEL}@{NEW}"
    names = {one["name"] for one in told["criteria"]}
    assert {
        "AUROC beside the champion's",
        "calibration slope",
        "alerts per 100 patient-days",
    } <= names
    assert roles(ask)[f"{MODEL}@{OLD}"] == "champion"


def _fill(url: str, packages: Path, make: Any) -> None:
    """Made-up people by both versions; who dies is drawn from what the old one says."""
    random = np.random.default_rng(5)
    versions = {
        "challenger": load(packages / MODEL / OLD),
        "champion": load(packages / MODEL / NEW),
    }
    engine, at = make_engine(url), NOW - timedelta(days=20)
    records, outcomes = [], []
    for n in range(600):
        of = replace(make, patient_id=f"p-{n}", at=at)
        ill = float(random.random())
        resources = of.icu(values={
            "8867-4": str(round(70 + 80 * ill)), "8478-0": str(round(90 - 45 * ill)),
            "9269-2": str(round(15 - 11 * ill)), "3094-0": str(round(10 + 70 * ill)),
        })  # fmt: skip
        for role, model in versions.items():
            judged = judge(model, record(resources), at=at)
            made = kept_of(judged, id_=f"{role}-{n}", made_at=at, asked_by="worker", role=role)
            records.append(made)
            if role == "challenger":
                p = float(np.frombuffer(judged.verdict.graph.probability, "<f4")[0])  # type: ignore[union-attr]
        died = bool(random.random() < p)
        outcomes.append(Outcome(f"p-{n}", "", Happening.DEATH_IN_HOSPITAL, died,
                                at + timedelta(days=3)))  # fmt: skip
    SqlRecords(engine).add(records)
    SqlOutcomes(engine).add("default", outcomes)
    engine.dispose()


def test_outcomes_are_loaded_whole_or_not_at_all(ask: Ask, url: str, tmp_path: Path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("patient,kind,at\np-1,sepsis_onset,2026-10-01T08:00:00Z\np-2,,\n")

    said = ask("outcomes", "load", str(path), code=1)

    assert "line 3, at" in said
    engine = make_engine(url)
    assert list(SqlOutcomes(engine).since("default", NOW - timedelta(days=999))) == []
    engine.dispose()
    path.write_text("patient,kind,at\np-1,sepsis_onset,2026-10-01T08:00:00Z\n")
    assert ask("outcomes", "load", str(path)) == "1 sepsis_onset: yes\n"


def test_the_look_and_the_report_read_what_was_kept(
    ask: Ask, url: str, packages: Path, make: Any, tmp_path: Path
) -> None:
    _fill(url, packages, make)

    lines = CliRunner().invoke(risk, ["monitor", "--json"]).stdout.splitlines()
    told = [msgspec.json.decode(line) for line in lines]
    month = (NOW - timedelta(days=20)).strftime("%Y-%m")
    ask("report", "--month", month, "-o", str(tmp_path / "report.html"))

    (found,) = [one for one in told if one["role"] == "champion"]
    assert (found["version"], found["alerting"]["scores"]) == (NEW, 600)
    assert found["performance"]["figures"]["n"] == 600
    assert "observed over expected" in (tmp_path / "report.html").read_text()


def test_recorded_scores_and_outcomes_are_enough_to_recalibrate(
    ask: Ask, url: str, packages: Path, make: Any, tmp_path: Path
) -> None:
    _fill(url, packages, make)

    ask("recalibrate", f"{MODEL}@{NEW}", "--from", "outcomes", "--by", "A. Name",
        "--packages", str(packages), "-o", str(tmp_path / "out"))  # fmt: skip

    (folder,) = (tmp_path / "out" / MODEL).iterdir()
    local = load(folder).manifest.metrics["local"]
    assert (local["n"], local["recalibrated_from"]) == (600, NEW)
    assert "recorded scores" in local["source"]
