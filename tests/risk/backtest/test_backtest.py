"""A backtest of a small made-up export: whole, packed, interrupted, and damaged."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.risk.backtest.exports import T0, UNTIL, write

from wherry_risk.backtest.cli import model_of
from wherry_risk.backtest.run import Backtest, run
from wherry_risk.cli import risk
from wherry_risk.model.aggregate import Series
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES, versions_of
from wherry_risk.onnx.manifest import Manifest, read_manifest
from wherry_risk.training.people import Person

MODEL = "icu-mortality-24h"
PEOPLE = 60
Export = Callable[..., Path]


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    folder = PACKAGES / MODEL / versions_of(PACKAGES)[MODEL][-1]
    return read_manifest((folder / "manifest.json").read_bytes())


def person(n: int, *, without: str = "") -> Person:
    """Every third dies, with a faster heart."""
    died = n % 3 == 0
    values = {
        "heart-rate": 130.0 + n % 7 if died else 80.0 + n % 9,
        "mean-bp": 60.0 if died else 85.0,
        "temperature": 37.0,
        "haematocrit": 31.0,
        "wbc": 12.0,
        "creatinine": 2.5 if died else 0.9,
        "sodium": 139.0,
        "glucose": 140.0,
        "arterial-ph": 7.3,
        "paco2": 40.0,
        "urea-nitrogen": 45.0 if died else 15.0,
        "pao2": 90.0,
        "gcs": 6.0 if died else 15.0,
        "age": 40.0 + n % 40,
    }
    series = {name: Series((0.0,), (value,)) for name, value in values.items() if name != without}
    return Person(f"p-{n:03}", series, (0.0,), (died,), about={"sex": ("men", "women")[n % 2]})


@pytest.fixture
def export(tmp_path: Path, manifest: Manifest) -> Export:
    def made(**more: Any) -> Path:
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        people = [person(n, without="creatinine" if n % 2 else "") for n in range(PEOPLE)]
        write(folder, manifest, people, **more)
        return folder

    return made


def results(tmp_path: Path, folder: Path, *more: str, code: int = 0) -> Any:
    arguments = ["backtest", str(folder), "--model", MODEL, "--work", str(tmp_path / "work"),
                 "--until", "2026-12-01T00:00:00Z", "--json", *more]  # fmt: skip
    result = CliRunner().invoke(risk, arguments)
    assert result.exit_code == code, result.output
    return json.loads(result.stdout) if code == 0 else result.output


def test_every_table_is_there_with_its_counts(tmp_path: Path, export: Export) -> None:
    told = results(tmp_path, export())

    assert told["rows"] == {
        "people": PEOPLE,
        "moments": PEOPLE,
        "answered": PEOPLE,
        "refusals": {},
        "out_of_scope": 0,
        "outcome_unknown": 0,
        "with_outcome": PEOPLE,
    }
    assert (told["figures"]["n"], told["figures"]["events"]) == (PEOPLE, PEOPLE // 3)
    assert told["figures"]["auroc"] > 0.9
    assert [one["name"] for one in told["thresholds"]] == ["medium", "high"]
    assert told["thresholds"][0]["alerts_per_100_patient_days"] > 0
    assert told["missing"]["creatinine"]["share"] == 0.5
    assert told["missing"]["creatinine"]["without"]["note"] == "insufficient"
    assert set(told["subgroups"]) == {"age 18 to 49", "age 50 to 64", "age 65 to 79",
                                      "men", "women"}  # fmt: skip


def test_packed_files_say_the_same(tmp_path: Path, export: Export, manifest: Manifest) -> None:
    plain = results(tmp_path, export())
    packed = tmp_path / "packed"
    packed.mkdir()
    write(packed, manifest, [person(n, without="creatinine" if n % 2 else "")
                             for n in range(PEOPLE)], packed=True)  # fmt: skip

    assert results(tmp_path, packed) == plain


class Interrupting:
    """Steps after which somebody presses Ctrl-C."""

    def __init__(self, after: int) -> None:
        self.judged, self._after, self._counting = 0, after, False

    def step(self, text: str, total: int | None) -> None:
        self._counting = total is not None

    def advance(self, by: int = 1) -> None:
        self.judged += by if self._counting else 0
        if self.judged == self._after:
            raise KeyboardInterrupt


def test_an_interrupted_backtest_goes_on_where_it_was_and_says_the_same(
    tmp_path: Path, export: Export
) -> None:
    test = Backtest(export(), model_of(MODEL, PACKAGES), registry()["news2"], "first-day", None,
                    UNTIL, tmp_path / "work")  # fmt: skip
    whole, _ = run(replace(test, work=tmp_path / "other"), Interrupting(after=-1))
    with pytest.raises(KeyboardInterrupt):
        run(test, Interrupting(after=30))
    rest = Interrupting(after=-1)

    told, _ = run(test, rest)

    assert (told, rest.judged) == (whole, PEOPLE - 30)


def test_outcomes_of_a_file_go_before_what_the_export_says(tmp_path: Path, export: Export) -> None:
    at = T0.isoformat()
    rows = [f"p-{n:03},e-p-{n:03},death_in_hospital,{'yes' if n < 30 else 'no'},{at}"
            for n in range(PEOPLE - 10)]  # fmt: skip
    path = tmp_path / "outcomes.csv"
    path.write_text("\n".join(["patient,encounter,kind,happened,at", *rows]))

    told = results(tmp_path, export(), "--outcomes", str(path))

    assert (told["rows"]["with_outcome"], told["rows"]["outcome_unknown"]) == (50, 10)
    assert told["figures"]["events"] == 30


@pytest.mark.parametrize(
    ("line", "what"),
    [('{"resourceType": "Observ', "not a FHIR resource"), ('{"id": "p-secret"}', "not a FHIR")],
)
def test_a_damaged_line_stops_it_and_is_named_and_not_repeated(
    tmp_path: Path, export: Export, line: str, what: str
) -> None:
    folder = export()
    (folder / "Procedure.ndjson").write_text(f"\n{line}\n")

    said = results(tmp_path, folder, code=1)

    assert "Procedure.ndjson:2" in said
    assert what in said
    assert "secret" not in said


def test_a_packed_file_that_ends_early_is_told(tmp_path: Path, export: Export) -> None:
    folder = export(packed=True)
    path = folder / "Observation.000.ndjson.gz"
    path.write_bytes(path.read_bytes()[:-200])

    assert "Observation.000.ndjson.gz" in results(tmp_path, folder, code=1)


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()

    assert "no files" in results(tmp_path, tmp_path / "nothing", code=1)


def test_what_lies_on_the_shelf_is_its_owners_alone(tmp_path: Path, export: Export) -> None:
    results(tmp_path, export())

    (path,) = (tmp_path / "work").glob("*.sqlite")
    assert path.stat().st_mode & 0o077 == 0
