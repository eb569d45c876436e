"""`wherry ehr client`: registrations by hand."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.ehr.auth.driver import EC, public

from wherry_ehr.cli import ehr
from wherry_ehr.migrate import upgrade

APP = ("--redirect-uri", "https://app.example.org/back", "--scope", "launch patient/Patient.rs")


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    upgrade(sqlite_url)
    monkeypatch.setenv("WHERRY_EHR_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("WHERRY_EHR_SMART_URL", "")
    return lambda *words: CliRunner().invoke(ehr, ["client", *words])


def test_a_secret_is_shown_once_and_kept_as_a_hash(run: Any) -> None:
    added = run("add", "mine", "--auth", "secret", *APP)
    listed = run("list", "--json")

    secret = json.loads(added.stdout)["client_secret"]
    assert (added.exit_code, len(secret)) == (0, 43)
    assert secret not in listed.stdout
    assert json.loads(listed.stdout)["client_id"] == "mine"
    assert json.loads(listed.stdout)["secret_sha256"] == ""


def test_keys_come_from_a_file_or_an_address(run: Any, tmp_path: Path) -> None:
    """R296, R297."""
    keys = tmp_path / "jwks.json"
    keys.write_text(json.dumps(public(EC)))

    codes = [
        run("add", "by-file", "--jwks", str(keys), *APP).exit_code,
        run("add", "by-address", "--jwks-uri", "https://app.example.org/jwks", *APP).exit_code,
        run("add", "public", "--auth", "public", *APP).exit_code,
    ]

    assert codes == [0, 0, 0]
    assert [line.partition("\t")[0] for line in run("list").stdout.splitlines()] == [
        "by-address",
        "by-file",
        "public",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("add", "no-keys", *APP),
        ("add", "bad id", "--auth", "public", *APP),
        ("add", "loose", "--auth", "public", "--redirect-uri", "/x", "--scope", "launch"),
        ("add", "nothing", "--auth", "public", "--scope", "launch"),
        ("remove", "nobody"),
    ],
)
def test_what_cannot_be_right_is_refused_in_one_line(run: Any, words: tuple[str, ...]) -> None:
    found = run(*words)

    assert (found.exit_code, len(found.stderr.splitlines())) == (1, 1)
    assert found.stdout == ""


def test_nobody_is_registered_twice_and_who_is_removed_is_gone(run: Any) -> None:
    words = ("add", "mine", "--auth", "public", *APP)

    codes = [run(*each).exit_code for each in (words, words, ("remove", "mine"), words)]

    assert codes == [0, 1, 0, 0]


def test_a_file_is_checked_with_its_scopes(run: Any, tmp_path: Path) -> None:
    good = {
        "client_id": "mine",
        "name": "Mine",
        "auth_method": "none",
        "redirect_uris": ["https://app.example.org/back"],
        "scope": "launch patient/Observation.rs?category=laboratory",
    }
    path = tmp_path / "clients.json"

    path.write_text(json.dumps([good]))
    fine = run("check", str(path))
    path.write_text(json.dumps([{**good, "scope": "launch patient/Nothing.rs"}]))
    lost = run("check", str(path))
    path.write_text(json.dumps([{**good, "redirect_uris": "x"}]))
    wrong = run("check", str(path))

    assert [fine.exit_code, lost.exit_code, wrong.exit_code] == [0, 1, 1]
    assert "patient/Nothing.rs" in lost.stderr
    assert "clients.json" in wrong.stderr


def test_without_a_database_that_is_ready_the_command_says_so(
    run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WHERRY_EHR_DATABASE_URL", f"sqlite:///{tmp_path}/empty.db")

    assert run("list").exit_code == 1
