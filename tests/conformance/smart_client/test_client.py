"""The launch host, checked as an EHR and a browser see it, requirement by requirement."""

import ast
from pathlib import Path

import pytest
from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import Check
from tests.conformance.smart_client.every import EVERY
from tests.conformance.smart_client.report import (
    Found,
    State,
    found_by,
    lines,
    requirements,
    verdicts,
)

ROOT = Path(__file__).parents[3]
GOAL = 100


@pytest.fixture(scope="module")
def said() -> dict[str, Found]:
    """What the checks found so far."""
    return {}


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_the_host_holds(check: Check, app: App, said: dict[str, Found]) -> None:
    found = found_by(check, app)
    said[check.name] = found

    assert found.wrong == ""


def test_at_least_100_of_121_requirements_are_proved(said: dict[str, Found]) -> None:
    if len(said) < len(EVERY):
        pytest.skip("only some of the checks were run")

    told = verdicts(said.values())
    print("\n".join(lines(told)))

    proved = [one for one in told if one.state in {State.PASS, State.ELSEWHERE}]
    others = {one.state for one in told if one not in proved}
    assert len(told) == 121
    assert len(proved) >= GOAL
    assert others <= {State.NOT_APPLICABLE}


def test_every_check_proves_requirements_of_the_table() -> None:
    known = {one.id for one in requirements()}

    assert {id_ for check in EVERY for id_ in check.proves} <= known


def test_what_is_not_seen_from_outside_names_a_test_that_is_there() -> None:
    for one in requirements():
        if one.note and not one.note.startswith("n/a: "):
            path, _, name = one.note.partition("::")
            tree = ast.parse((ROOT / path).read_text())
            assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_one_file_of_the_suite_alone_knows_the_product() -> None:
    knowing = {
        path.name
        for path in Path(__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("wherry")
    }

    assert knowing == {"host.py"}
