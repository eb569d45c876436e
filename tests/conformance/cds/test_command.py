"""`python -m tests.conformance.cds`: what it prints, writes and ends with."""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from tests.conformance.cds.__main__ import main
from tests.conformance.cds.parties import NAMES
from tests.conformance.cds.small.running import small
from tests.conformance.cds.stub import Stub


def run(base: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["--base-url", base, "--port", "0", *more])


def test_a_report_has_every_requirement_and_ends_well(around: Stub, tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    with small(around) as target:
        found = run(target.base, "--only", "D1 ", "--json", str(path))

    told = json.loads(path.read_text())
    states = {one["id"]: one["state"] for one in told["requirements"]}
    assert found.exit_code == 0, found.output
    assert len(states) == 120
    assert {id_ for id_, state in states.items() if state == "pass"} == {
        "cds-hooks_2.0@4",
        "cds-hooks_2.0@5",
        "cds-hooks_2.0@13",
    }
    assert all(one["why"] for one in told["requirements"])
    assert "1 checks: 1 passed, 0 failed, 0 not applicable" in found.output


def test_a_server_that_fails_ends_it_with_one(around: Stub) -> None:
    with small(around, "discovery is somewhere else") as target:
        found = run(target.base, "--only", "D1 ")

    assert found.exit_code == 1
    assert "FAIL D1 discovery is below the base by get" in found.output


def test_what_has_to_be_registered_is_told_before_anything_is_asked() -> None:
    told = json.loads(run("http://127.0.0.1:9", "--register").output)

    assert [one["name"] for one in told["clients"]] == list(NAMES)
    assert told["algorithms"] == ["ES384", "RS384"]
