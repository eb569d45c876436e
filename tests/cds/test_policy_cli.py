"""`wherry cds policy` and `wherry cds audit` at the command line. All data are synthetic."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wherry.adapters.sql import make_engine
from wherry_cds.board.sql import SqlBoard
from wherry_cds.cli import cds


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    url = f"sqlite:///{tmp_path}/cds.db"
    monkeypatch.setenv("WHERRY_DATABASE_URL", url)
    return url


def run(*words: str) -> Result:
    return CliRunner().invoke(cds, words)


def test_a_sound_file_is_said_to_be_sound_and_a_mistake_is_named(tmp_path: Path) -> None:
    sound, wrong = tmp_path / "sound.yaml", tmp_path / "wrong.yaml"
    sound.write_text("version: 1\ntenants: {north: {}}\n")
    wrong.write_text("version: 1\ndefault: {default: {most_a_day: 0}}\n")

    assert "sound; tenants: north" in run("policy", "lint", str(sound)).output
    refused = run("policy", "lint", str(wrong))
    assert (refused.exit_code, "most_a_day" in refused.output) == (1, True)


def test_show_tells_what_holds_with_its_fingerprint() -> None:
    told = json.loads(run("policy", "show", "--tenant", "sandbox").output)

    assert told["services"]["early-warning"]["least"] == "none"
    assert len(told["services"]["early-warning"]["fingerprint"]) == 12
    assert not told["services"]["order-risk"]["enabled"]


def test_the_kill_switch_is_thrown_by_name_and_put_back(database: str) -> None:
    who = ("--who", "ops-1")
    thrown = run("policy", "off", "--service", "readmission", *who, "--reason", "wrong units")
    engine = make_engine(database)
    board = SqlBoard(engine)

    assert thrown.exit_code == 0, thrown.output
    assert board.switched_off("any", "readmission")
    assert not board.switched_off("any", "early-warning")
    assert run("policy", "on", "--service", "readmission", *who).exit_code == 0
    assert not board.switched_off("any", "readmission")
    assert run("policy", "on", "--service", "readmission", *who).exit_code == 1
    engine.dispose()
    rows = [json.loads(line) for line in run("audit", "deeds").output.splitlines()]
    assert [(row["event"], row["who"], row["about"]) for row in rows] == [
        ("switched-off", "ops-1", "readmission: wrong units"),
        ("switched-on", "ops-1", "readmission"),
    ]


def test_an_audit_without_rows_prints_nothing() -> None:
    for words in (("decisions",), ("deeds",), ("tickets", "--tenant", "t")):
        told = run("audit", *words)
        assert (told.exit_code, told.output) == (0, "")
