"""Every parameter of the types that Wherry writes, with its modifiers, on both databases."""

from itertools import product
from typing import Any

import pytest

from wherry_ehr.search.params import parameters
from wherry_ehr.search.values import MODIFIERS

WRITTEN = (
    *("Account", "AllergyIntolerance", "Appointment", "Basic", "ChargeItem", "Condition"),
    *("Coverage", "Device", "DiagnosticReport", "DocumentReference", "Encounter"),
    *("EpisodeOfCare", "Flag", "Goal", "HealthcareService", "Immunization", "Location"),
    *("Medication", "MedicationAdministration", "MedicationDispense", "MedicationRequest"),
    *("NutritionOrder", "Observation", "Organization", "Patient", "Practitioner"),
    *("PractitionerRole", "Procedure", "Provenance", "QuestionnaireResponse", "RelatedPerson"),
    *("RiskAssessment", "ServiceRequest", "Specimen", "SupplyRequest"),
)
VALUES = {
    "token": ("a", "a|b", "|b", "a|", "a,b|c"),
    "reference": ("1", "Patient/1", "http://example.org/fhir/Patient/1"),
    "date": ("2024", "ge2024-03-05T10:00Z", "ne2024-03", "ap2024-03-05"),
    "string": ("a", "ä,b"),
    "quantity": ("5.4", "gt5|urn:a|mg", "ap5||mg", "ne1e2"),
    "number": ("5", "le0.5"),
    "uri": ("urn:a", "urn:a,urn:b"),
    "composite": ("a$2024", "x|a$2024,b$2025"),
    "id": ("a", "a,b"),
    "updated": ("gt2024", "2024-03-05"),
}
OF_MODIFIER = {"missing": ("true", "false"), "identifier": ("a|b",), "text": ("some words",)}


def _asked(type_: str) -> list[str]:
    found = []
    for name, param in parameters()[type_].items():
        found += [f"{name}={value}" for value in VALUES[param.kind]]
        for modifier in sorted(MODIFIERS.get(param.kind, ())):
            values = OF_MODIFIER.get(modifier, VALUES[param.kind])
            found += [f"{name}:{modifier}={value}" for value in values]
        found += [f"{name}:{target}=1" for target in sorted(param.targets)[:3]]
        if param.kind in {"date", "string", "quantity", "number"}:
            found += [f"_sort={sign}{name}" for sign in ("", "-")]
    return found


@pytest.fixture
def stored(either: Any, make: Any) -> Any:
    """A little of everything, so that no plan is empty."""
    patient = either.created(make.patient(birthDate="1961", gender="female"))["id"]
    either.created(make.observation(subject={"reference": f"Patient/{patient}"}, valueString="x"))
    return either


def test_every_parameter_and_modifier_is_taken(stored: Any) -> None:
    asked = [f"/{type_}?{query}" for type_ in WRITTEN for query in _asked(type_)]

    assert len(asked) > 4000
    assert [path for path in asked if stored.get(path).status_code != 200] == []


def test_any_two_parameters_go_together(stored: Any) -> None:
    held = parameters()["Observation"]
    one_of = {param.kind: f"{name}={VALUES[param.kind][-1]}" for name, param in held.items()}
    one_of |= {
        "chain": "subject:Patient.name=x",
        "has": "_has:Observation:has-member:code=x",
        "not": "code:not=x",
        "missing": "value-quantity:missing=true",
        "sort": "_sort=-date,value-quantity,_id&_count=1",
        "along": "_include=*&_revinclude=Provenance:target",
    }

    paths = [f"/Observation?{a}&{b}" for a, b in product(one_of.values(), repeat=2)]

    assert [path for path in paths if stored.get(path).status_code != 200] == []
