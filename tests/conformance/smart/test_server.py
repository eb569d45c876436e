"""The sandbox EHR against every check of the suite, and the report on all requirements."""

import ast
from pathlib import Path

import pytest
from tests.conformance.smart.check import Check
from tests.conformance.smart.every import EVERY
from tests.conformance.smart.report import State, found_by, lines, requirements, verdicts
from tests.conformance.smart.server import Server

ROOT = Path(__file__).parents[3]
GOAL = 150


@pytest.fixture(scope="module")
def said() -> dict[str, object]:
    """What the checks found so far."""
    return {}


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.name)
def test_the_sandbox_holds(check: Check, server: Server, said: dict[str, object]) -> None:
    found = found_by(check, server)
    said[check.name] = found

    assert found.wrong == ""


def test_at_least_150_of_172_requirements_are_proved(said: dict[str, object]) -> None:
    if len(said) < len(EVERY):
        pytest.skip("only some of the checks were run")

    told = verdicts(said.values())  # type: ignore[arg-type]  # the fixture holds what was found
    print("\n".join(lines(told)))

    proved = [one for one in told if one.state in {State.PASS, State.ELSEWHERE}]
    others = {one.requirement.id: one.state for one in told if one not in proved}
    assert len(told) == 172
    assert len(proved) >= GOAL
    assert set(others.values()) <= {State.NOT_APPLICABLE}


def test_every_check_proves_requirements_of_the_table() -> None:
    known = {one.id for one in requirements()}

    assert {id_ for check in EVERY for id_ in check.proves} <= known


def test_what_is_not_seen_from_outside_names_a_test_that_is_there() -> None:
    for one in requirements():
        if one.note and not one.note.startswith("n/a: "):
            path, _, name = one.note.partition("::")
            tree = ast.parse((ROOT / path).read_text())
            assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_the_suite_knows_the_product_by_its_address_only() -> None:
    for path in Path(__file__).parent.rglob("*.py"):
        if path.name == "conftest.py" or path == Path(__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [getattr(node, "module", None) or ""] if isinstance(node, ast.ImportFrom) else []
            )
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith("wherry")], path.name
