"""Whose record it is: one person's, or it is not scored."""

from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_risk.model.record import record


def about(reference: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "subject": {"reference": reference},
    }


@pytest.mark.parametrize(
    "reference",
    [
        "Patient/p-1",
        "https://ehr.example.org/fhir/Patient/p-1",
        "Patient/p-1/_history/3",
    ],
)
def test_the_same_patient_may_be_referred_to_in_several_ways(reference: str, make: Any) -> None:
    found = record([make.patient(), about(reference)], patient_id="p-1")

    assert (found.patient_id, [name for name, _ in found.observations]) == (
        "p-1",
        ["Observation/o-1"],
    )


@pytest.mark.parametrize(
    ("patient_id", "resources", "at"),
    [
        ("p-1", [about("Patient/p-2")], "resources[0].subject"),
        ("", [about("Patient/p-1"), about("Patient/p-2")], "resources[1].subject"),
        ("p-1", [{"resourceType": "Patient", "id": "p-2"}], "resources[0]"),
        (
            "",
            [{"resourceType": "Patient", "id": "p-1"}, {"resourceType": "Patient", "id": "p-2"}],
            "resources[1]",
        ),
        ("p-1", [{"resourceType": "Observation", "status": "final"}], "resources[0].subject"),
        ("p-1", [about("#contained")], "resources[0].subject"),
        ("p-1", [about("Group/p-1")], "resources[0].subject"),
        (
            "p-1",
            [{"resourceType": "Condition", "subject": {"reference": "Patient/p-2"}}],
            "resources[0].subject",
        ),
        (
            "p-1",
            [{"resourceType": "Bundle", "entry": [{"resource": about("Patient/p-2")}]}],
            "resources[0].entry[0].resource.subject",
        ),
        ("", [], "patient"),
        ("", [{"resourceType": "Device"}], "patient"),
    ],
)
def test_anybody_elses_resource_makes_it_fail_and_is_named(
    patient_id: str, resources: list[Resource], at: str
) -> None:
    with pytest.raises(Failure) as caught:
        record(resources, patient_id=patient_id)

    assert (caught.value.kind, caught.value.at) == (Kind.UNPROCESSABLE, at)


def test_a_transaction_bundle_is_read_by_its_full_urls() -> None:
    person = "urn:uuid:0f1c3f9e-0000-5000-8000-000000000001"
    bundle = {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"fullUrl": person, "resource": {"resourceType": "Patient", "birthDate": "1951-02-03"}},
            {
                "fullUrl": "urn:uuid:0f1c3f9e-0000-5000-8000-000000000002",
                "resource": {
                    "resourceType": "Observation",
                    "status": "final",
                    "subject": {"reference": person},
                },
            },
        ],
    }

    found = record([bundle])

    assert found.patient_id == person
    assert [name for name, _ in found.observations] == [bundle["entry"][1]["fullUrl"]]  # type: ignore[index]  # a literal dict
    assert found.patient is not None


def test_without_a_patient_resource_the_subject_says_who_it_is() -> None:
    found = record([about("Patient/p-9")])

    assert (found.patient_id, found.patient) == ("p-9", None)
