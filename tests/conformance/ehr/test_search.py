"""FHIR R4 search.html: each kind of parameter finds what the standard says."""

from typing import Any

import pytest
from tests.conformance.ehr.client import Fhir, Json, fresh, observation, patient

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"


@pytest.fixture(scope="module")
def ward(fhir: Fhir) -> dict[str, str]:
    """Two patients with values; ids by name. `tag` is on all of them and on nothing else."""
    tag = fresh()
    meta = {"meta": {"tag": [{"system": "urn:example:ward", "code": tag}]}}

    def make(resource: Json) -> str:
        return str(fhir.create({**resource, **meta})["id"])

    ids = {"tag": tag}
    ids["ann"] = make(
        patient(
            fresh(),
            name=[{"family": "Grünwald", "given": ["Ann"]}],
            gender="female",
            birthDate="1961-04-02",
        )
    )
    ids["ben"] = make(patient(fresh(), name=[{"family": "Grun", "given": ["Ben"]}], gender="male"))

    def value(amount: float, unit: str = "/min", **more: Any) -> Json:
        return {"value": amount, "unit": unit, "system": UCUM, "code": unit, **more}

    ids["pulse"] = make(
        observation(
            fresh(),
            ids["ann"],
            effectiveDateTime="2024-03-05T10:00:00+01:00",
            valueQuantity=value(72),
        )
    )
    ids["fast"] = make(
        observation(fresh(), ids["ben"], effectiveDateTime="2024-03-06", valueQuantity=value(130.5))
    )
    part = {"coding": [{"system": LOINC, "code": "8480-6"}]}
    ids["pressure"] = make(
        observation(
            fresh(),
            ids["ann"],
            code={"coding": [{"system": LOINC, "code": "85354-9", "display": "Blood pressure"}]},
            effectivePeriod={"start": "2024-03-01", "end": "2024-03-31"},
            component=[{"code": part, "valueQuantity": value(120, "mm[Hg]")}],
            hasMember=[{"reference": f"Observation/{ids['pulse']}"}],
        )
    )
    ids["note"] = make(
        observation(fresh(), ids["ann"], code={"text": "note"}, valueString="Calm and awake")
    )
    return ids


FOUND = [
    # 3.1.1.4.8 string
    ("Patient", {"family": "grun"}, ["ann", "ben"]),
    ("Patient", {"family:exact": "Grun"}, ["ben"]),
    ("Patient", {"family:contains": "wald"}, ["ann"]),
    ("Patient", {"name": "ANN"}, ["ann"]),
    ("Patient", {"name": "grun,nobody"}, ["ann", "ben"]),
    # 3.1.1.4.10 token
    ("Patient", {"gender": "female"}, ["ann"]),
    ("Patient", {"gender:not": "female"}, ["ben"]),
    ("Observation", {"code": f"{LOINC}|8867-4"}, ["fast", "pulse"]),
    ("Observation", {"code": "|8867-4"}, []),
    ("Observation", {"code": f"{LOINC}|"}, ["fast", "pressure", "pulse"]),
    ("Observation", {"code:text": "blood"}, ["pressure"]),
    ("Observation", {"code:not": f"{LOINC}|8867-4"}, ["note", "pressure"]),
    # 3.1.1.4.4 missing
    ("Patient", {"birthdate:missing": "true"}, ["ben"]),
    ("Observation", {"value-quantity:missing": "false"}, ["fast", "pulse"]),
    # 3.1.1.4.7 date, with what its precision implies
    ("Observation", {"date": "2024-03-05"}, ["pulse"]),
    ("Observation", {"date": "2024-03-05T09:00:00Z"}, ["pulse"]),
    ("Observation", {"date": "2024-03"}, ["fast", "pressure", "pulse"]),
    ("Observation", {"date": "gt2024-03-05"}, ["fast", "pressure"]),
    ("Observation", {"date": "sa2024-03-05"}, ["fast"]),
    ("Observation", {"date": "lt2024-03-05"}, ["pressure"]),
    ("Observation", {"date": "eb2024-03-06"}, ["pulse"]),
    ("Patient", {"birthdate": "1961"}, ["ann"]),
    # 3.1.1.4.13 quantity, 3.1.1.4.5 prefixes
    ("Observation", {"value-quantity": f"72|{UCUM}|/min"}, ["pulse"]),
    ("Observation", {"value-quantity": "130"}, []),
    ("Observation", {"value-quantity": "130.5||/min"}, ["fast"]),
    ("Observation", {"value-quantity": "gt100"}, ["fast"]),
    ("Observation", {"value-quantity": "le72"}, ["pulse"]),
    ("Observation", {"value-quantity": "ap70"}, ["pulse"]),
    ("Observation", {"combo-value-quantity": "gt100"}, ["fast", "pressure"]),
    ("Observation", {"value-string": "calm"}, ["note"]),
    # 3.1.1.4.14 composite
    ("Observation", {"code-value-quantity": f"{LOINC}|8867-4$gt100"}, ["fast"]),
    ("Observation", {"component-code-value-quantity": f"{LOINC}|8480-6$120"}, ["pressure"]),
    ("Observation", {"component-code-value-quantity": f"{LOINC}|8867-4$120"}, []),
    # 3.1.1.4.12 chaining, 3.1.1.4.13 reverse chaining
    ("Observation", {"subject:Patient.gender": "male"}, ["fast"]),
    ("Observation", {"patient.family": "grünw"}, ["note", "pressure", "pulse"]),
    ("Patient", {"_has:Observation:patient:code": f"{LOINC}|85354-9"}, ["ann"]),
    ("Patient", {"_has:Observation:patient:value-quantity": "gt100"}, ["ben"]),
]


@pytest.mark.parametrize(("type_", "asked", "names"), FOUND)
def test_a_search_finds_what_it_should(
    fhir: Fhir, ward: dict[str, str], type_: str, asked: dict[str, str], names: list[str]
) -> None:
    known = {id_: name for name, id_ in ward.items()}

    found = fhir.find(type_, _tag=f"urn:example:ward|{ward['tag']}", **asked)

    assert sorted(known[id_] for id_ in found) == names


def test_a_reference_may_be_said_in_every_way(fhir: Fhir, ward: dict[str, str]) -> None:
    """3.1.1.4.11."""
    ann = ward["ann"]
    asked = [f"patient={ann}", f"patient=Patient/{ann}", f"subject={fhir.base}/Patient/{ann}"]
    asked += [f"subject:Patient={ann}"]

    counts = {fhir.get(f"Observation?{one}&_summary=count").body["total"] for one in asked}

    assert counts == {3}


def test_a_posted_search_is_the_same_search(fhir: Fhir, ward: dict[str, str]) -> None:
    """http.html, 3.1.0.9."""
    answer = fhir.ask(
        "POST",
        "Observation/_search",
        f"patient={ward['ann']}&_sort=-date".encode(),
        Content_Type="application/x-www-form-urlencoded",
    )

    assert answer.ids == fhir.get(f"Observation?patient={ward['ann']}&_sort=-date").ids
    assert len(answer.ids) == 3


def test_an_order_runs_both_ways(fhir: Fhir, ward: dict[str, str]) -> None:
    """3.1.1.5.1."""
    tag = f"_tag=urn:example:ward|{ward['tag']}"

    up = fhir.get(f"Observation?{tag}&value-quantity:missing=false&_sort=date").ids
    down = fhir.get(f"Observation?{tag}&value-quantity:missing=false&_sort=-date").ids
    by_name = fhir.get(f"Patient?{tag}&_sort=family").ids

    assert up == [ward["pulse"], ward["fast"]] == down[::-1]
    assert by_name == [ward["ben"], ward["ann"]]


def test_pages_hold_every_match_once(fhir: Fhir, ward: dict[str, str]) -> None:
    """http.html, 3.1.0.1.12: total, self and next."""
    page = fhir.get(f"Observation?_tag=urn:example:ward|{ward['tag']}&_count=1&_sort=date")
    assert page.body["total"] == 4
    seen: list[str] = []
    while True:
        seen += page.ids
        if not page.link("next"):
            break
        assert ward["tag"] not in page.link("next")  # nothing that was asked stands in it
        page = fhir.get(page.link("next"))

    assert len(seen) == len(set(seen)) == 4


def test_what_matches_refer_to_comes_along(fhir: Fhir, ward: dict[str, str]) -> None:
    """3.1.1.5.4."""
    pressure, pulse = ward["pressure"], ward["pulse"]

    forth = fhir.get(f"Observation?_id={pressure}&_include=Observation:has-member")
    both = fhir.get(f"Observation?_id={pressure}&_include=*")
    back = fhir.get(f"Observation?_id={pulse}&_revinclude=Observation:has-member")
    further = fhir.get(
        f"Observation?_id={pressure}&_include=Observation:has-member"
        "&_include:iterate=Observation:subject"
    )

    assert (forth.ids, forth.along, forth.body["total"]) == ([pressure], {pulse}, 1)
    assert both.along == {pulse, ward["ann"]}
    assert back.along == {pressure}
    assert further.along == {pulse, ward["ann"]}


def test_a_count_is_a_number_alone(fhir: Fhir, ward: dict[str, str]) -> None:
    """3.1.1.5.3, 3.1.1.5.8."""
    tag = f"_tag=urn:example:ward|{ward['tag']}"

    for asked in ("_summary=count", "_count=0"):
        answer = fhir.get(f"Observation?{tag}&{asked}")
        assert (answer.body["total"], answer.ids) == (4, [])
    assert "total" not in fhir.get(f"Observation?{tag}&_count=1&_total=none").body


REFUSED = [
    "date=soon",
    "date=2024-13",
    "value-quantity=much",
    "value-quantity=5|mg",
    "code-value-quantity=8867-4",
    "code=",
    "code:in=urn:a",
    "subject.colour=red",
    "_has:Observation:subject=x",
    "_include=Observation:code",
    "_revinclude=Encounter:subject",
    "_sort=colour",
    "_count=many",
    "_summary=some",
    "_elements=colour",
    "_total=many",
    "value-string:missing=perhaps",
]


@pytest.mark.parametrize("query", REFUSED)
def test_a_search_that_makes_no_sense_is_400_with_the_reason(fhir: Fhir, query: str) -> None:
    """search.html, 3.1.1.3.2."""
    answer = fhir.get(f"Observation?{query}")

    assert answer.status == 400
    assert answer.body["resourceType"] == "OperationOutcome"
    assert answer.body["issue"][0]["severity"] == "error"
