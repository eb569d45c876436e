"""FHIR R4 CapabilityStatement: what is claimed is there, and what is not claimed is refused."""

import pytest
from tests.conformance.ehr.client import Fhir, Json

VALUES = {
    "token": "a|b",
    "reference": "Patient/a",
    "date": "2024",
    "string": "a",
    "quantity": "5.4|urn:a|mg",
    "number": "1",
    "uri": "urn:a",
    "composite": "a$2024",
}
CLINICAL = (
    *("Patient", "Observation", "Encounter", "DiagnosticReport", "Condition", "ServiceRequest"),
    *("MedicationRequest", "Immunization", "DocumentReference", "RiskAssessment", "Coverage"),
)

# US Core 6.1, the searches that a server SHALL support. Source: hl7.org/fhir/us/core/STU6.1
US_CORE = {
    "AllergyIntolerance": ["patient=a"],
    "CareTeam": ["patient=a&status=active"],
    "Condition": ["patient=a", "patient=a&category=problem-list-item"],
    "DiagnosticReport": [
        "patient=a&category=LAB",
        "patient=a&code=a",
        "patient=a&category=LAB&date=ge2024",
    ],
    "DocumentReference": [
        "_id=a",
        "patient=a",
        "patient=a&category=a",
        "patient=a&category=a&date=ge2024",
        "patient=a&type=a",
    ],
    "Encounter": ["_id=a", "patient=a", "date=ge2024&patient=a"],
    "Goal": ["patient=a"],
    "Immunization": ["patient=a"],
    "MedicationRequest": [
        "patient=a&intent=order",
        "patient=a&intent=order&status=active",
        "patient=a&intent=order&_include=MedicationRequest:medication",
    ],
    "Observation": [
        "patient=a&category=laboratory",
        "patient=a&code=a,b",
        "patient=a&category=laboratory&date=ge2024&date=lt2025",
    ],
    "Organization": ["name=a", "address=a"],
    "Patient": [
        "_id=a",
        "identifier=a|b",
        "name=a",
        "birthdate=2000-01-01&name=a",
        "gender=female&name=a",
        "birthdate=2000-01-01&family=a",
        "family=a&gender=female",
    ],
    "Practitioner": ["name=a", "identifier=a|b"],
    "PractitionerRole": ["specialty=a", "practitioner=Practitioner/a"],
    "Procedure": ["patient=a", "patient=a&date=ge2024"],
    "Provenance": ["target=Patient/a"],
    "ServiceRequest": [
        "_id=a",
        "patient=a",
        "patient=a&category=a",
        "patient=a&code=a",
        "patient=a&category=a&authored=ge2024",
    ],
}


@pytest.fixture(scope="module")
def claimed(fhir: Fhir) -> dict[str, Json]:
    """What is claimed, by type."""
    statement = Fhir(fhir.base).get("metadata").body  # anybody may read it
    assert (statement["resourceType"], statement["fhirVersion"]) == (
        "CapabilityStatement",
        "4.0.1",
    )
    return {one["type"]: one for one in statement["rest"][0]["resource"]}


@pytest.mark.parametrize("type_", CLINICAL)
def test_every_claimed_search_parameter_is_taken(
    fhir: Fhir, claimed: dict[str, Json], type_: str
) -> None:
    """search.html, 3.1.1.4."""
    asked = {
        f"{type_}?{one['name']}={VALUES[one['type']]}&_count=1": one["name"]
        for one in claimed[type_]["searchParam"]
    }

    assert [name for path, name in asked.items() if fhir.get(path).status != 200] == []


@pytest.mark.parametrize("type_", CLINICAL)
def test_every_claimed_include_is_taken(fhir: Fhir, claimed: dict[str, Json], type_: str) -> None:
    """search.html, 3.1.1.5.4."""
    asked = [
        f"{type_}?_id=a&{name}={value}"
        for name, listed in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude"))
        for value in claimed[type_].get(listed, [])[:40]
    ]

    assert [path for path in asked if fhir.get(path).status != 200] == []


@pytest.mark.parametrize("type_", US_CORE)
def test_the_searches_of_us_core_are_taken(fhir: Fhir, type_: str) -> None:
    """US Core 6.1: SHALL searches and their combinations."""
    refused = [asked for asked in US_CORE[type_] if fhir.get(f"{type_}?{asked}").status != 200]

    assert refused == []


def test_what_is_not_claimed_is_refused_unless_the_client_is_lenient(fhir: Fhir) -> None:
    """search.html, 3.1.1.3.2: an unknown parameter; Prefer: handling."""
    assert fhir.get("Patient?colour=red").status == 400
    lenient = fhir.get("Patient?colour=red&_id=nobody", Prefer="handling=lenient")
    assert lenient.status == 200
    assert "colour" not in lenient.link("self")


def test_the_conditional_abilities_are_claimed(claimed: dict[str, Json]) -> None:
    one = claimed["Patient"]

    assert one["versioning"] == "versioned-update"
    assert one["conditionalRead"] == "full-support"
    assert one["conditionalDelete"] == "single"
    assert all(one[name] for name in ("conditionalCreate", "conditionalUpdate", "updateCreate"))
    assert {each["name"] for each in one["operation"]} >= {"everything", "validate"}
