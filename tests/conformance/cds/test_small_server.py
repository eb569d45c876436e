"""The suite can fail: of each broken server it says what is broken, and of a whole one nothing."""

import pytest
from tests.conformance.cds.check import Check
from tests.conformance.cds.every import EVERY
from tests.conformance.cds.report import State, found_by, verdicts
from tests.conformance.cds.small.flaws import FLAWS
from tests.conformance.cds.small.running import small
from tests.conformance.cds.stub import Stub
from tests.conformance.cds.target import Target

BY_ID = {check.id: check for check in EVERY}
NOT_SENT = {"C27": "a score sends no system actions"}
NOT_HERE = {"G3": "the small server's flaw of G4 is noticed by the audit that belongs to it"}


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.id)
def test_a_server_that_keeps_the_rules_is_not_blamed(check: Check, unbroken: Target) -> None:
    found = found_by(check, unbroken)

    assert found.wrong == ""
    assert bool(found.not_applicable) == (check.id in NOT_SENT)


@pytest.mark.parametrize("flaw", FLAWS)
def test_a_broken_server_is_noticed(flaw: str, around: Stub) -> None:
    check = BY_ID[FLAWS[flaw]]

    with small(around, flaw) as target:
        found = found_by(check, target)

    assert found.wrong
    assert {one.state for one in verdicts([found]) if one.requirement.id in check.proves} == {
        State.FAIL
    }


def test_every_check_is_seen_to_fail() -> None:
    assert {check.id for check in EVERY} - set(FLAWS.values()) == set(NOT_HERE)
