"""What the demo brings in beside its feed: valid, the same each time, and plainly invented."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from wherry.fhir.check import problems as wrong_with
from wherry.hl7.message import Message
from wherry.suite.demo.feed import feed
from wherry.suite.demo.history import (
    LEAVING,
    allergies,
    bundle,
    identifiers,
    problems,
    resources,
)
from wherry.suite.demo.roster import PEOPLE, Course, Person, Stay

NOW = datetime(2024, 5, 1, 12, 34, tzinfo=UTC)
LAB_RESULTS = [
    segment
    for message in map(Message.parse, feed(NOW).messages)
    if message.kind == "ORU^R01" and message.first("OBR").text(24) == "LAB"  # type: ignore[union-attr]
    for segment in message.segments
    if segment.name == "OBX"
]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.family)
def test_each_person_has_a_problem_an_order_and_a_document_that_are_valid(person: Person) -> None:
    made = resources(person, "p", "e", NOW)

    assert problems(person)
    assert {each["resourceType"] for each in made} == {"MedicationRequest", "DocumentReference"}
    assert [issue for each in made for issue in wrong_with(each)] == []
    assert all(person.mrn in value for _, value in identifiers(made))


def test_a_later_run_names_the_same_things() -> None:
    first, later = (
        [entry["request"] for entry in bundle(resources(PEOPLE[0], "p", "e", at))["entry"]]
        for at in (NOW, NOW.replace(hour=15))
    )

    assert first == later
    assert len({request["url"] for request in first}) == len(first)


def test_nobody_is_given_what_they_are_allergic_to() -> None:
    with_allergy = {person.course for person in PEOPLE if allergies(person)}

    assert with_allergy
    assert Course.RECOVERING not in with_allergy


def test_somebody_is_about_to_leave_and_a_document_says_so() -> None:
    (document,) = [
        each
        for each in resources(LEAVING, "p", "e", NOW)
        if each["resourceType"] == "DocumentReference"
    ]

    assert (LEAVING.course, LEAVING.stay) == (Course.RECOVERING, Stay.ADMITTED)
    assert document["type"]["text"] == "Discharge summary"


def test_every_result_of_the_laboratory_has_a_range_and_the_flag_that_follows_from_it() -> None:
    judged = [(obx.text(5), *obx.text(7).split("-"), obx.text(8)) for obx in LAB_RESULTS]

    def flag(value: str, low: str, high: str) -> str:
        if Decimal(value) < Decimal(low):
            return "L"
        return "H" if Decimal(value) > Decimal(high) else ""

    assert {said for *_, said in judged} == {"", "L", "H"}
    assert [one for one in judged if flag(*one[:3]) != one[3]] == []
