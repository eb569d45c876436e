"""Everything that can be killed is, at random moments under load, on both databases.

The short version of `make soak`; the seed of a run is in its name. All data are synthetic.
"""

import secrets

import pytest
from tests.faults.families import Family
from tests.faults.fire import Plan, burning, endure
from tests.faults.witness import Findings

pytestmark = pytest.mark.slow

MESSAGES, FAMILIES = 192, 8
KILLS = {"sqlite": 6, "postgresql": 7}  # each that can be killed once
SEED = secrets.randbelow(2**31)
FAST = {"WHERRY_HL7_LEASE_S": "2"}


@pytest.mark.parametrize("database", KILLS)
def test_what_was_acknowledged_is_stored_once_and_in_order_whatever_is_killed(
    database: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    plan = Plan(SEED, MESSAGES, KILLS[database], FAMILIES, longest_pause_s=0.3)
    print(f"seed {plan.seed}")  # pytest shows it when the test fails

    with burning(tmp_path_factory.mktemp("fire"), database, FAST) as house:
        report = endure(house, plan)

    assert report.findings == Findings(stored=MESSAGES)
    assert (report.acked, report.refused, report.aside, report.unfinished) == (MESSAGES, 0, 0, 0)
    assert sum(report.kills.values()) == plan.kills
    assert report.flawless(plan)


def test_a_family_says_the_same_each_time_it_is_asked() -> None:
    family = Family("F", 40)

    assert list(family.messages()) == list(Family("F", 40).messages())
    every = {0, 1, family.merged_at, *family.results(), *family.moves()}
    assert every == set(range(family.count))
