"""The suite fails apps that break a rule: a check that cannot fail proves nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.conformance.smart_client.every import EVERY
from tests.conformance.smart_client.host import app_under_test
from tests.conformance.smart_client.mutants import MUTANTS, Mutant, spoilt
from tests.conformance.smart_client.report import State, found_by, verdicts

BY_NAME = {check.name: check for check in EVERY}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_broken_app_is_noticed(mutant: Mutant, tmp_path: Path) -> None:
    with app_under_test(tmp_path, lambda app: spoilt(app, mutant)) as app:
        found = []
        for name in mutant.noticed_by:
            app.ehr.begin()
            found.append(found_by(BY_NAME[name], app))

    assert [each.check.name for each in found if not each.wrong] == []
    failed = {one.requirement.id for one in verdicts(found) if one.state is State.FAIL}
    assert failed == {id_ for each in found for id_ in each.check.proves}


def test_a_hop_that_spoils_nothing_is_not_noticed(tmp_path: Path) -> None:
    harmless = replace(MUTANTS[0], spoil=lambda asked: asked)
    names = {name for mutant in MUTANTS for name in mutant.noticed_by}
    with app_under_test(tmp_path, lambda app: spoilt(app, harmless)) as app:
        found = []
        for name in sorted(names):
            app.ehr.begin()
            found.append(found_by(BY_NAME[name], app))

    assert [each.wrong for each in found if each.wrong] == []
