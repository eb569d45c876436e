"""The suite can fail: of each broken server it says what is broken."""

from typing import Any

import pytest
from tests.conformance.smart.every import EVERY
from tests.conformance.smart.mutants import MUTANTS, Mutant
from tests.conformance.smart.report import State, found_by, verdicts

BY_NAME = {check.name: check for check in EVERY}
# With the doors open these have to notice as well
ENFORCEMENT = (
    "a_patient_scope_is_about_one_patient_whatever_is_asked",
    "a_search_in_a_scope_narrows_every_way_in",
    "every_entry_of_a_batch_is_judged_by_itself",
    "a_transaction_with_one_refused_entry_does_nothing",
    "a_patient_token_changes_nothing_of_others",
    "each_letter_opens_its_interaction",
    "update_lets_make_an_instance",
)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_broken_server_is_noticed(mutant: type[Mutant], broken: Any) -> None:
    check = BY_NAME[MUTANTS[mutant]]

    with broken(mutant) as server:
        found = found_by(check, server)

    assert found.wrong
    assert {one.state for one in verdicts([found]) if one.requirement.id in check.proves} == {
        State.FAIL
    }


def test_a_server_that_enforces_nothing_is_noticed_everywhere(broken: Any) -> None:
    mutant = next(one for one in MUTANTS if one.__name__ == "NoEnforcement")

    with broken(mutant) as server:
        missed = [name for name in ENFORCEMENT if not found_by(BY_NAME[name], server).wrong]

    assert missed == []


def test_a_server_that_passes_everything_on_is_not_blamed(broken: Any) -> None:
    names = sorted(set(MUTANTS.values()))

    with broken(Mutant) as server:
        blamed = [name for name in names if found_by(BY_NAME[name], server).wrong]

    assert blamed == []
