"""Texts, quantities, composites, modifiers and searches over references, on both databases."""

from decimal import Decimal
from typing import Any

import pytest

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


def _observation(id_: str, code: str, **more: Any) -> dict[str, Any]:
    coding = {"system": LOINC, "code": code, "display": f"Synthetic {code}"}
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [coding]},
        **more,
    }


def _quantity(value: str, unit: str = "mg/dL", **more: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit, **more}


def _component(code: str, value: str) -> dict[str, Any]:
    return {
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "valueQuantity": _quantity(value, "mm[Hg]"),
    }


RESOURCES: list[dict[str, Any]] = [
    {
        "resourceType": "Patient",
        "id": "eva",
        "name": [{"family": "Müller-Demo", "given": ["Eva", "María"]}],
        "gender": "female",
        "birthDate": "1961-04-02",
        "telecom": [{"system": "phone", "value": "555-1"}, {"system": "email", "value": "e@x.io"}],
        "address": [{"city": "Sankt  Demo", "postalCode": "00123", "line": ["1 Main St"]}],
        "generalPractitioner": [{"reference": "Practitioner/doc"}],
        "meta": {"tag": [{"system": "urn:tags", "code": "a"}], "source": "urn:source:1"},
    },
    {
        "resourceType": "Patient",
        "id": "bob",
        "name": [{"family": "MULLER", "given": ["Bob"]}],
        "deceasedDateTime": "2024-01-01",
        "active": False,
    },
    {"resourceType": "Patient", "id": "nameless", "deceasedBoolean": False},
    {"resourceType": "Practitioner", "id": "doc", "name": [{"family": "Doc-Demo"}]},
    _observation(
        "glucose",
        "2345-7",
        subject={"reference": "Patient/eva"},
        valueQuantity=_quantity("5.40"),
        performer=[{"reference": "Practitioner/doc"}],
        effectiveDateTime="2024-03-01",
    ),
    _observation(
        "over",
        "2345-7",
        subject={"reference": "Patient/bob"},
        valueQuantity=_quantity("500", comparator=">"),
    ),
    _observation(
        "pressure",
        "85354-9",
        subject={"identifier": {"system": "urn:mrn", "value": "77"}},
        component=[_component("8480-6", "120"), _component("8462-4", "80")],
        hasMember=[{"reference": "Observation/glucose"}],
    ),
    _observation(
        "word",
        "5778-6",
        subject={"display": "somebody"},
        valueString="Dark Yellow",
    ),
    _observation(
        "concept",
        "5778-6",
        valueCodeableConcept={
            "coding": [{"system": "urn:colours", "code": "amber", "display": "Amber colour"}],
            "text": "like honey",
        },
    ),
    {
        "resourceType": "RiskAssessment",
        "id": "risk",
        "status": "final",
        "subject": {"reference": "Patient/eva"},
        "prediction": [{"probabilityDecimal": 0.36}],
    },
    {
        "resourceType": "DocumentReference",
        "id": "doc-2",
        "status": "current",
        "masterIdentifier": {"system": "urn:docs", "value": "2"},
        "content": [{"attachment": {"url": "http://example.org/a.txt"}}],
        "relatesTo": [
            {"code": "replaces", "target": {"reference": "DocumentReference/doc-1"}},
            {"code": "appends", "target": {"reference": "DocumentReference/doc-0"}},
        ],
    },
]

QUERIES: dict[str, list[str]] = {
    # texts: the start, without case and accents
    "Patient?name=mul": ["eva", "bob"],
    "Patient?family=MÜLLER": ["eva", "bob"],
    "Patient?family:exact=MULLER": ["bob"],
    "Patient?family:exact=Muller": [],
    "Patient?family:contains=demo": ["eva"],
    "Patient?given=maria": ["eva"],
    "Patient?given=ria": [],
    "Patient?name=bob,eva": ["eva", "bob"],
    "Patient?family=muller&given=eva": ["eva"],
    "Patient?address=sankt demo": ["eva"],
    "Patient?address-city=SANKT": ["eva"],
    "Patient?address-postalcode=001": ["eva"],
    "Patient?family=%": [],
    "Patient?family=_uller": [],
    "Observation?value-string=dark": ["word"],
    "Observation?value-string=LIKE": ["concept"],
    # tokens kept in the row, and what is not there
    "Patient?gender=female": ["eva"],
    "Patient?gender:not=female": ["bob", "nameless"],
    "Patient?phone=555-1": ["eva"],
    "Patient?phone=e@x.io": [],
    "Patient?email=e@x.io": ["eva"],
    "Patient?telecom=e@x.io": ["eva"],
    "Patient?active=false": ["bob"],
    "Patient?deceased=true": ["bob"],
    "Patient?deceased=false": ["eva", "nameless"],
    "Patient?_tag=urn:tags|a": ["eva"],
    "Patient?_tag=urn:tags|": ["eva"],
    "Patient?_source=urn:source:1": ["eva"],
    "Patient?name:missing=true": ["nameless"],
    "Patient?name:missing=false": ["eva", "bob"],
    "Patient?gender:missing=true": ["bob", "nameless"],
    "Patient?birthdate:missing=false": ["eva"],
    "Patient?_id:missing=true": [],
    "Observation?code:not=2345-7": ["pressure", "word", "concept"],
    f"Observation?code:not={LOINC}|": [],
    "Observation?code:text=synthetic 2345": ["glucose", "over"],
    "Observation?code:text=2345": [],
    "Observation?value-concept:text=amber": ["concept"],
    "Observation?value-concept:text=like HONEY": ["concept"],
    "Observation?code:missing=true": [],
    "Observation?value-quantity:missing=false": ["glucose", "over"],
    "Observation?subject:missing=true": ["concept"],
    "Observation?subject:identifier=urn:mrn|77": ["pressure"],
    "Observation?patient:identifier=77": ["pressure"],
    "Observation?subject:identifier=78": [],
    "DocumentReference?location=http://example.org/a.txt": ["doc-2"],
    "DocumentReference?identifier=urn:docs|2": ["doc-2"],
    # quantities
    "Observation?value-quantity=5.4": ["glucose"],
    "Observation?value-quantity=5": ["glucose"],
    "Observation?value-quantity=5.41": [],
    "Observation?value-quantity=5.400": ["glucose"],
    "Observation?value-quantity=54e-1": ["glucose"],
    f"Observation?value-quantity=5.4|{UCUM}|mg/dL": ["glucose"],
    "Observation?value-quantity=5.4||mg/dL": ["glucose"],
    f"Observation?value-quantity=5.4|{UCUM}|mmol/L": [],
    "Observation?value-quantity=gt5.39": ["glucose", "over"],
    "Observation?value-quantity=lt5.4": [],
    "Observation?value-quantity=le5.4": ["glucose"],
    "Observation?value-quantity=ge5.4": ["glucose", "over"],
    "Observation?value-quantity=gt1000": ["over"],
    "Observation?value-quantity=ap5": ["glucose"],
    "Observation?value-quantity=ne5.4": ["over"],
    "Observation?value-quantity=sa5": ["glucose", "over"],
    "Observation?value-quantity=eb6": ["glucose"],
    "Observation?combo-value-quantity=gt100": ["over", "pressure"],
    "Observation?component-value-quantity=80": ["pressure"],
    "RiskAssessment?probability=0.36": ["risk"],
    "RiskAssessment?probability=gt0.5": [],
    # composites: parts of one element
    f"Observation?code-value-quantity={LOINC}|2345-7$gt5": ["glucose", "over"],
    "Observation?code-value-quantity=2345-7$lt6,85354-9$120": ["glucose"],
    "Observation?code-value-concept=5778-6$urn:colours|amber": ["concept"],
    "Observation?code-value-string=5778-6$dark": ["word"],
    f"Observation?component-code-value-quantity={LOINC}|8480-6$gt100": ["pressure"],
    "Observation?component-code-value-quantity=8480-6$120||mm[Hg]": ["pressure"],
    "Observation?component-code-value-quantity=8462-4$gt100": [],
    "Observation?combo-code-value-quantity=8480-6$gt100,2345-7$gt100": ["over", "pressure"],
    "DocumentReference?relationship=DocumentReference/doc-1$replaces": ["doc-2"],
    "DocumentReference?relationship=DocumentReference/doc-1$appends": [],
    # over references
    "Observation?subject:Patient.family=muller": ["glucose", "over"],
    "Observation?patient.gender=female": ["glucose"],
    "Observation?subject.name=eva": ["glucose"],
    "Observation?subject:Group.code=x": [],
    "Observation?performer:Practitioner.family=doc": ["glucose"],
    "Observation?patient.family:exact=MULLER": ["over"],
    "Observation?patient.name:missing=true": [],
    "Observation?patient.gender=female&code=2345-7": ["glucose"],
    "Patient?_has:Observation:patient:code=2345-7": ["eva", "bob"],
    f"Patient?_has:Observation:subject:code-value-quantity={LOINC}|2345-7$lt10": ["eva"],
    "Patient?_has:RiskAssessment:subject:probability=gt0.3": ["eva"],
    "Patient?_has:Observation:patient:code:not=2345-7": [],
    "Patient?_has:Observation:patient:code=2345-7&gender=female": ["eva"],
    "Practitioner?_has:Patient:general-practitioner:gender=female": ["doc"],
    "Observation?_has:Observation:has-member:code=85354-9": ["glucose"],
    # order, and what has no value comes last
    "Patient?_sort=family": ["bob", "eva", "nameless"],
    "Patient?_sort=-given": ["eva", "bob", "nameless"],
    "Patient?_sort=birthdate,-_id": ["eva", "nameless", "bob"],
    "Observation?_sort=-value-quantity": ["over", "glucose", "concept", "word", "pressure"],
}


@pytest.fixture
def filled(either: Any, make: Any) -> Any:
    puts = (make.entry("PUT", f"{one['resourceType']}/{one['id']}", one) for one in RESOURCES)
    answer = either.bundle("transaction", *puts)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return either


def test_every_kind_of_search_finds_what_it_should(filled: Any) -> None:
    asked = {query: query.replace("%", "%25") for query in QUERIES}

    assert {query: filled.found(f"/{path}") for query, path in asked.items()} == QUERIES


@pytest.mark.parametrize("order", ["family", "-given", "birthdate,-_id"])
def test_pages_go_on_in_any_order(filled: Any, body: Any, order: str) -> None:
    whole = filled.found(f"/Patient?_sort={order}")
    seen, path = [], f"/Patient?_sort={order}&_count=1"
    while path:
        page = body(filled.get(path))
        seen += [entry["resource"]["id"] for entry in page.get("entry", [])]
        links = {one["relation"]: one["url"] for one in page["link"]}
        path = links.get("next", "").removeprefix("http://localhost/fhir")

    assert seen == whole


def test_index_rows_follow_a_resource_that_changes(filled: Any, make: Any) -> None:
    changed = {**RESOURCES[4], "valueQuantity": _quantity("7.7")}
    filled.ask("PUT", "/Observation/glucose", changed)
    filled.ask("PUT", "/Patient/eva", {"resourceType": "Patient", "id": "eva"})

    assert filled.found("/Observation?value-quantity=5.4") == []
    assert filled.found("/Observation?value-quantity=7.7") == ["glucose"]
    assert filled.found("/Patient?family=muller") == ["bob"]
    filled.ask("DELETE", "/Observation/glucose")
    assert filled.found("/Observation?code-value-quantity=2345-7$lt10") == []


def test_two_parts_that_say_the_same_number_are_stored_and_found(filled: Any, make: Any) -> None:
    parts = [_component("8480-6", "120"), _component("8462-4", "120")]
    one = _observation("alike", "85354-9", component=parts)

    answer = filled.bundle("transaction", make.entry("PUT", "Observation/alike", one))

    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert filled.found("/Observation?component-value-quantity=120&_id=alike") == ["alike"]
