"""What stands under a prefetch key, and what follows from it."""

from typing import Any

import pytest

from wherry.resource import Resource
from wherry_cds.protocol.catalogue import EARLY_WARNING
from wherry_cds.protocol.prefetch import STEPS, Received, Step, content, received

PATIENT_KEY, OBSERVATIONS_KEY = EARLY_WARNING.keys
EHR = "https://ehr.example.org/fhir"


def observation(subject: str = "Patient/p-1", **more: Any) -> Resource:
    return {"resourceType": "Observation", "subject": {"reference": subject}, **more}


def entries(*resources: Any, **more: Any) -> Resource:
    return {"resourceType": "Bundle", "entry": [{"resource": each} for each in resources], **more}


def as_mode(mode: str, resource: Resource) -> Resource:
    return {
        "resourceType": "Bundle",
        "entry": [
            {"resource": observation()},
            {"resource": resource, "search": {"mode": mode}},
        ],
    }


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}
NEXT = [{"relation": "next", "url": f"{EHR}/page/2"}]

PATIENTS = {
    "absent": ({}, Received.ABSENT),
    "null": ({"patient": None}, Received.NULL),
    "outcome": ({"patient": OUTCOME}, Received.OUTCOME),
    "the_patient": ({"patient": {"resourceType": "Patient", "id": "p-1"}}, Received.DATA),
    "another": ({"patient": {"resourceType": "Patient", "id": "p-2"}}, Received.ANOTHER),
    "no_id": ({"patient": {"resourceType": "Patient"}}, Received.WRONG),
    "a_bundle": ({"patient": entries()}, Received.WRONG),
    "a_number": ({"patient": 5}, Received.WRONG),
    "a_list": ({"patient": []}, Received.WRONG),
    "an_empty_object": ({"patient": {}}, Received.WRONG),
    "another_type_about_the_patient": ({"patient": observation()}, Received.WRONG),
}

OBSERVATIONS = {
    "no_matches": (entries(), Received.EMPTY),
    "no_entry_element": ({"resourceType": "Bundle", "type": "searchset"}, Received.EMPTY),
    "only_a_warning": (entries(OUTCOME), Received.EMPTY),
    "matches": (entries(observation(), observation()), Received.DATA),
    "absolute_subject": (entries(observation(f"{EHR}/Patient/p-1")), Received.DATA),
    "versioned_subject": (entries(observation("Patient/p-1/_history/3")), Received.DATA),
    "paged": (entries(observation(), link=NEXT), Received.PAGE),
    "paged_but_empty": (entries(link=NEXT), Received.PAGE),
    "last_page": (entries(observation(), link=[{"relation": "self", "url": "x"}]), Received.DATA),
    "another_patient": (entries(observation(), observation("Patient/p-2")), Received.ANOTHER),
    "same_id_elsewhere": (entries(observation("https://x.org/fhir/Patient/p-1")), Received.ANOTHER),
    "a_longer_id": (entries(observation("Patient/p-11")), Received.ANOTHER),
    "no_subject": (entries({"resourceType": "Observation"}), Received.WRONG),
    "subject_by_identifier": (
        entries({"resourceType": "Observation", "subject": {"identifier": {"value": "1"}}}),
        Received.WRONG,
    ),
    "subject_is_a_group": (entries(observation("Group/p-1")), Received.WRONG),
    "another_type": (entries({"resourceType": "Condition"}), Received.WRONG),
    "one_resource": (observation(), Received.WRONG),
    "entry_is_no_list": ({"resourceType": "Bundle", "entry": {}}, Received.WRONG),
    "entry_holds_texts": ({"resourceType": "Bundle", "entry": ["x"]}, Received.WRONG),
    "entry_without_resource": ({"resourceType": "Bundle", "entry": [{}]}, Received.WRONG),
    "link_is_no_list": ({"resourceType": "Bundle", "link": {}}, Received.WRONG),
    "included_encounter": (as_mode("include", {"resourceType": "Encounter"}), Received.DATA),
    "included_other_patient": (
        as_mode("include", {"resourceType": "Patient", "id": "p-2"}),
        Received.ANOTHER,
    ),
    "matched_encounter": (as_mode("match", {"resourceType": "Encounter"}), Received.WRONG),
}


@pytest.mark.parametrize(("prefetch", "expected"), PATIENTS.values(), ids=PATIENTS)
def test_what_stands_under_the_patient_key(prefetch: dict[str, Any], expected: Received) -> None:
    assert received(PATIENT_KEY, prefetch, patient_id="p-1", base=EHR) is expected


@pytest.mark.parametrize(("value", "expected"), OBSERVATIONS.values(), ids=OBSERVATIONS)
def test_what_stands_under_the_observations_key(value: Any, expected: Received) -> None:
    prefetch = {"observations": value}

    assert received(OBSERVATIONS_KEY, prefetch, patient_id="p-1", base=EHR) is expected


def test_an_absolute_subject_is_taken_when_the_server_is_not_known() -> None:
    prefetch = {"observations": entries(observation(f"{EHR}/Patient/p-1"))}

    assert received(OBSERVATIONS_KEY, prefetch, patient_id="p-1", base="") is Received.DATA


def test_every_case_has_its_step() -> None:
    assert STEPS == {
        Received.ABSENT: Step.READ,
        Received.NULL: Step.GO_WITHOUT,
        Received.OUTCOME: Step.UNMET,
        Received.EMPTY: Step.USE,
        Received.DATA: Step.USE,
        Received.PAGE: Step.USE_AND_FOLLOW,
        Received.WRONG: Step.REFUSE,
        Received.ANOTHER: Step.REFUSE_AND_NOTE,
    }
    assert set(STEPS) == set(Received)


def test_warnings_in_a_bundle_are_not_data_but_errors_are_remembered() -> None:
    warning = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}

    warned = content(OBSERVATIONS_KEY, entries(observation(), warning))
    broken = content(OBSERVATIONS_KEY, entries(observation(), OUTCOME))

    assert (warned.resources, warned.partial) == ((observation(),), False)
    assert (broken.resources, broken.partial) == ((observation(),), True)
