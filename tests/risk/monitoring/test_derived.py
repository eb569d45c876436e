"""Outcomes out of FHIR: what it says, and nothing that it leaves open."""

from datetime import UTC, datetime, timedelta
from typing import Any

from wherry_risk.monitoring.derived import derived
from wherry_risk.monitoring.outcomes import Happening

DAY = datetime(2026, 5, 1, 8, tzinfo=UTC)
UNTIL = DAY + timedelta(days=300)


def stay(id_: str, start_d: float, days: float, to: str | None = "home", **more: Any) -> Any:
    start = DAY + timedelta(days=start_d)
    made = {
        "resourceType": "Encounter",
        "id": id_,
        "status": "finished",
        "class": {"code": "IMP"},
        "period": {"start": start.isoformat(), "end": (start + timedelta(days=days)).isoformat()},
    }
    if to:
        made["hospitalization"] = {"dischargeDisposition": {"coding": [{"code": to}]}}
    return made | more


def told(*encounters: Any, died_d: float | None = None, until: datetime = UNTIL) -> Any:
    person: dict[str, Any] = {"resourceType": "Patient"}
    if died_d is not None:
        person["deceasedDateTime"] = (DAY + timedelta(days=died_d)).isoformat()
    return {
        (one.encounter, one.kind.value): (one.happened, (one.at - DAY).days)
        for one in derived("p-1", person, list(encounters), until=until)
    }


DIED, BACK = Happening.DEATH_IN_HOSPITAL.value, Happening.READMISSION_30D.value


def test_a_discharge_disposition_of_expired_is_a_death() -> None:
    assert told(stay("a", 0, 5, "exp")) == {("a", DIED): (True, 5)}


def test_a_time_of_death_within_the_stay_is_one_too() -> None:
    assert told(stay("a", 0, 5, None), died_d=5) == {("a", DIED): (True, 5)}


def test_who_died_at_home_left_the_hospital_alive_and_did_not_come_back() -> None:
    assert told(stay("a", 0, 5), died_d=12) == {("a", DIED): (False, 5), ("a", BACK): (False, 35)}


def test_a_stay_of_which_nobody_says_how_it_ended_stays_open() -> None:
    assert told(stay("a", 0, 5, None)) == {}


def test_coming_back_within_thirty_days_counts_and_later_does_not() -> None:
    found = told(stay("a", 0, 5), stay("b", 34, 2), stay("c", 67, 1, None))

    assert found[("a", BACK)] == (True, 34)
    assert found[("b", BACK)] == (False, 66)


def test_a_transfer_is_no_readmission() -> None:
    found = told(stay("a", 0, 5), stay("b", 5, 2, None))

    assert found[("a", BACK)] == (False, 35)


def test_thirty_days_that_are_not_over_say_nothing() -> None:
    found = told(stay("a", 0, 5), until=DAY + timedelta(days=34))

    assert found == {("a", DIED): (False, 5)}


def test_a_stay_that_goes_on_is_a_readmission_and_ambulatory_visits_are_none() -> None:
    visit = stay("v", 8, 0, None, **{"class": {"code": "AMB"}})
    again = stay("b", 10, 5, None, status="in-progress")

    assert told(stay("a", 0, 5), visit, again)[("a", BACK)] == (True, 10)


def test_what_was_cancelled_never_took_place() -> None:
    assert told(stay("a", 0, 5), stay("b", 10, 5, status="cancelled"))[("a", BACK)] == (False, 35)
