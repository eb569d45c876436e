"""Our own CDS service against every check of the suite, and the report on all requirements."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conformance.cds.check import Check
from tests.conformance.cds.every import EVERY
from tests.conformance.cds.product import product
from tests.conformance.cds.report import Found, State, found_by, lines, requirements, verdicts
from tests.conformance.cds.stub import Stub
from tests.conformance.cds.target import Target

HERE = Path(__file__).parent
KNOWS_THE_PRODUCT = {"product.py", "scoring.py"}
CASES = 105
PROVED = 105
NOT_OURS = {
    "C8": "our sources have no icon",
    "C23": "our suggestions create drafts and change nothing that is there",
    "C24": "our suggestions delete nothing",
    "C27": "a score sends no system actions",
}


@pytest.fixture(scope="module")
def ours(
    around: Stub, tmp_path_factory: pytest.TempPathFactory, redis_server_url: str
) -> Iterator[Target]:
    """Our service as it is."""
    with product(around, tmp_path_factory.mktemp("cds"), redis_server_url) as target:
        yield target


@pytest.mark.parametrize("check", EVERY, ids=lambda check: f"{check.id}-{check.name}")
def test_our_service_holds(check: Check, ours: Target) -> None:
    found = found_by(check, ours)

    assert found.wrong == ""
    assert bool(found.not_applicable) == (check.id in NOT_OURS), found.not_applicable


def test_every_requirement_is_proved_or_said_not_to_apply() -> None:
    # each check is held to exactly this above, in whichever process it runs
    said = [Found(check, not_applicable=NOT_OURS.get(check.id, "")) for check in EVERY]

    known = verdicts(said)
    print("\n".join(lines(said, known)))

    assert len(known) == 120
    assert sum(one.state is State.PASS for one in known) >= PROVED
    assert [one.requirement.id for one in known if one.state is State.FAIL] == []


def test_there_are_as_many_cases_as_were_asked_for() -> None:
    assert len(EVERY) >= CASES
    assert len({check.id for check in EVERY}) == len(EVERY)


def test_every_check_proves_requirements_of_the_table() -> None:
    known = {one.id for one in requirements()}

    assert {id_ for check in EVERY for id_ in check.proves} <= known
    assert all(check.proves for check in EVERY)


def test_a_requirement_without_a_check_says_why() -> None:
    proved = {id_ for check in EVERY for id_ in check.proves}

    assert {one.id for one in requirements() if one.id not in proved} == {
        one.id for one in requirements() if one.note
    }


def test_the_suite_knows_the_product_by_its_address_only() -> None:
    for path in HERE.rglob("*.py"):
        if path.name in KNOWS_THE_PRODUCT:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = (
                [getattr(node, "module", None) or ""] if isinstance(node, ast.ImportFrom) else []
            )
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            assert not [name for name in names if name.startswith("wherry")], path.name
