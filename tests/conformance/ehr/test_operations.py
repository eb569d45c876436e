"""FHIR R4 patient-operation-everything and resource-operation-validate."""

import pytest
from tests.conformance.ehr.client import Fhir, Json, fresh, observation, patient


@pytest.fixture(scope="module")
def chart(fhir: Fhir) -> dict[str, str]:
    """A patient with two values and a doctor; another patient with a value."""
    doctor = fhir.create({"resourceType": "Practitioner", "name": [{"family": "Demo"}]})["id"]
    reference = [{"reference": f"Practitioner/{doctor}"}]
    ids = {"doctor": doctor}
    ids["patient"] = fhir.create(patient(fresh(), generalPractitioner=reference))["id"]
    ids["other"] = fhir.create(patient(fresh()))["id"]
    for name, of, when in (
        ("old", "patient", "2023-05-01"),
        ("new", "patient", "2024-05-01"),
        ("others", "other", "2024-05-01"),
    ):
        made = observation(fresh(), ids[of], effectiveDateTime=when)
        ids[name] = fhir.create(made)["id"]
    return ids


def test_everything_is_the_compartment_and_what_it_refers_to(
    fhir: Fhir, chart: dict[str, str]
) -> None:
    answer = fhir.get(f"Patient/{chart['patient']}/$everything")

    held = {one["resource"]["id"] for one in answer.body["entry"]}
    assert answer.body["type"] == "searchset"
    assert held == {chart[name] for name in ("patient", "old", "new", "doctor")}


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("start=2024-01-01", {"patient", "new"}),
        ("end=2023-12-31", {"patient", "old"}),
        ("_type=Observation", {"old", "new"}),
        ("_since=2100-01-01T00:00:00Z", set()),
    ],
)
def test_everything_is_narrowed(
    fhir: Fhir, chart: dict[str, str], asked: str, names: set[str]
) -> None:
    answer = fhir.get(f"Patient/{chart['patient']}/$everything?{asked}")

    assert set(answer.ids) == {chart[name] for name in names}


def test_everything_comes_in_pages_and_by_post(fhir: Fhir, chart: dict[str, str]) -> None:
    path = f"Patient/{chart['patient']}/$everything"
    page = fhir.get(f"{path}?_count=1")
    seen = page.ids
    while page.link("next"):
        page = fhir.get(page.link("next"))
        seen += page.ids
    parameters = {
        "resourceType": "Parameters",
        "parameter": [{"name": "_count", "valueInteger": 9}],
    }

    assert len(seen) == len(set(seen)) == 3
    assert sorted(fhir.ask("POST", path, parameters).ids) == sorted(seen)
    assert fhir.get(f"Patient/{fresh()}/$everything").status == 404


@pytest.mark.parametrize(
    ("resource", "severity"),
    [
        ({"resourceType": "Patient", "gender": "male"}, "information"),
        ({"resourceType": "Patient", "gender": "unheard-of"}, "error"),
        ({"resourceType": "Patient", "colour": "red"}, "error"),
        ({"resourceType": "Patient", "birthDate": "1961-02-30"}, "error"),
    ],
)
def test_a_resource_is_validated(fhir: Fhir, resource: Json, severity: str) -> None:
    """Raw, and inside Parameters; the answer is a 200 whatever was found."""
    named = [{"name": "resource", "resource": resource}]
    for body in (resource, {"resourceType": "Parameters", "parameter": named}):
        answer = fhir.ask("POST", "Patient/$validate", body)
        assert answer.status == 200
        assert answer.body["issue"][0]["severity"] == severity


def test_a_mode_of_validation_is_heeded(fhir: Fhir) -> None:
    made = patient(fresh())

    update = fhir.ask("POST", "Patient/a/$validate?mode=update", made)
    good = fhir.ask("POST", "Patient/a/$validate?mode=update", {**made, "id": "a"})

    assert update.body["issue"][0]["severity"] == "error"
    assert good.body["issue"][0]["severity"] == "information"
    assert fhir.ask("POST", "Patient/$validate?mode=guess", made).status == 400
