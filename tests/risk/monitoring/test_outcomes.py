"""Which outcome answers which score."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.risk.monitoring.conftest import AT

from wherry_risk.monitoring.outcomes import QUESTIONS, Happening, Outcome, settled
from wherry_risk.monitoring.seen import Seen

Make = Callable[..., Seen]


def outcome(kind: str, hours: float, *, happened: bool = True, patient: str = "p-1") -> Outcome:
    return Outcome(patient, "", Happening(kind), happened, AT + timedelta(hours=hours))


def answers(model: str, scores: list[Seen], *known: Outcome) -> list[bool]:
    return [answer for _, answer in settled(QUESTIONS[model], scores, known)]


def test_a_score_of_whom_nothing_is_known_stays_open(seen: Make) -> None:
    death = outcome("death_in_hospital", 50, patient="p-2")

    assert answers("icu-mortality-24h", [seen("p-1")], death) == []


def test_a_stay_that_ended_alive_is_a_no_and_the_next_one_its_own(seen: Make) -> None:
    alive = outcome("death_in_hospital", 50, happened=False)
    died = outcome("death_in_hospital", 200)

    told = answers("icu-mortality-24h", [seen(hours=24), seen(hours=124)], died, alive)

    assert told == [False, True]


@pytest.mark.parametrize(("hours", "answer"), [(0, False), (3.9, False), (4, True), (10, True)])
def test_sepsis_counts_within_six_hours_of_the_score(
    seen: Make, hours: float, answer: bool
) -> None:
    assert answers("sepsis-6h", [seen(hours=hours)], outcome("sepsis_onset", 10)) == [answer]


def test_hours_after_the_onset_are_not_asked_about(seen: Make) -> None:
    assert answers("sepsis-6h", [seen(hours=11)], outcome("sepsis_onset", 10)) == []


def test_a_readmission_belongs_to_the_discharge_of_the_month_before_it(seen: Make) -> None:
    back = outcome("readmission_30d", 24 * 29)

    told = answers("readmission-30d", [seen(hours=-24 * 40), seen(hours=0)], back)

    assert told == [True]


def test_refusals_are_no_probabilities(seen: Make) -> None:
    refused = seen(probability=None, tier="", refusal="missing_inputs")

    assert answers("icu-mortality-24h", [refused], outcome("death_in_hospital", 5)) == []


def test_another_kind_of_outcome_answers_nothing(seen: Make) -> None:
    assert answers("sepsis-6h", [seen()], outcome("death_in_hospital", 3)) == []
