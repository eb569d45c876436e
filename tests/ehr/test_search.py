"""Searches by every parameter and prefix, on both databases."""

from itertools import product
from typing import Any

import pytest

from wherry.fhir.interval import PREFIXES, holds, interval, span

LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


def _observation(id_: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": id_, "status": "final", **more}


def _code(*codings: tuple[str, str]) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for system, code in codings]}


RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Patient", "id": "p1", "identifier": [{"system": "urn:a", "value": "x,y|z"}]},
    {"resourceType": "Patient", "id": "p2", "identifier": [{"value": "bare"}]},
    {"resourceType": "Group", "id": "p1", "type": "person", "actual": True},
    _observation(
        "pulse",
        code=_code((LOINC, "8867-4"), ("urn:local", "HR")),
        category=[_code((CATEGORY, "vital-signs"))],
        subject={"reference": "Patient/p1"},
        effectiveDateTime="2024-03-05T10:00:00+01:00",
    ),
    _observation(
        "sodium",
        status="amended",
        code=_code((LOINC, "2951-2")),
        category=[_code((CATEGORY, "laboratory"))],
        subject={"reference": "Patient/p1/_history/1"},
        effectivePeriod={"start": "2024-03-06T00:00:00Z", "end": "2024-03-07"},
    ),
    _observation(
        "group",
        code=_code(("urn:local", "8867-4")),
        subject={"reference": "Group/p1"},
        effectiveInstant="2024-03-04T09:30:00.250Z",
    ),
    _observation(
        "timed",
        code={"text": "uncoded"},
        subject={"reference": "http://elsewhere.example/fhir/Patient/p1"},
        effectiveTiming={"event": ["2024-01-01", "2024-12-31"]},
    ),
    _observation("bare", code=_code(("urn:local", "|odd,code"))),
]


@pytest.fixture
def filled(either: Any, make: Any) -> Any:
    puts = (make.entry("PUT", f"{one['resourceType']}/{one['id']}", one) for one in RESOURCES)
    answer = either.bundle("transaction", *puts)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return either


QUERIES = {
    "Patient": ["p1", "p2"],
    "Patient?_id=p2,nobody": ["p2"],
    "Patient?identifier=bare": ["p2"],
    "Patient?identifier=|bare": ["p2"],
    "Patient?identifier=urn:a|bare": [],
    r"Patient?identifier=urn:a|x\,y\|z": ["p1"],
    "Patient?identifier=urn:a|": ["p1"],
    "Observation?patient=p1": ["pulse", "sodium"],
    "Observation?patient=Patient/p1": ["pulse", "sodium"],
    "Observation?patient=http://localhost/fhir/Patient/p1": ["pulse", "sodium"],
    "Observation?subject=p1": ["pulse", "sodium", "group"],
    "Observation?subject=Group/p1": ["group"],
    "Observation?subject:Group=p1": ["group"],
    "Observation?subject=http://elsewhere.example/fhir/Patient/p1": ["timed"],
    "Observation?code=8867-4": ["pulse", "group"],
    f"Observation?code={LOINC}|8867-4": ["pulse"],
    f"Observation?code={LOINC}|": ["pulse", "sodium"],
    f"Observation?code={LOINC}|2951-2,urn:local|HR": ["pulse", "sodium"],
    r"Observation?code=\|odd\,code": ["bare"],
    "Observation?category=laboratory": ["sodium"],
    f"Observation?category={CATEGORY}|vital-signs": ["pulse"],
    f"Observation?category={CATEGORY}|": ["pulse", "sodium"],
    "Observation?category=urn:none|vital-signs": [],
    "Observation?category=vital-signs,laboratory": ["pulse", "sodium"],
    "Observation?status=amended": ["sodium"],
    "Observation?status=AMENDED": [],
    "Observation?status=amended&category=vital-signs": [],
    f"Observation?patient=p1&code={LOINC}|8867-4&date=ge2024-03&status=final": ["pulse"],
    "Observation?date=2024-03": ["pulse", "sodium", "group"],
    "Observation?date=2024-03-05": ["pulse"],
    "Observation?date=2024-03-05T09:00:00Z": ["pulse"],
    "Observation?date=ge2024-03-05&date=lt2024-03-06": ["pulse", "timed"],
    "Observation?date=2024-12-31": ["timed"],
    "Observation?_lastUpdated=2026-03-01": ["pulse", "sodium", "group", "timed", "bare"],
    "Observation?_lastUpdated=gt2026-03-01": [],
    "Observation?_sort=date": ["timed", "group", "pulse", "sodium", "bare"],
    "Observation?_sort=-date": ["timed", "sodium", "pulse", "group", "bare"],
    "Observation?_sort=_id": ["bare", "group", "pulse", "sodium", "timed"],
    "Observation?_sort=-_lastUpdated": ["bare", "timed", "group", "sodium", "pulse"],
    "Observation?patient=p1&_sort=-date&_count=1": ["sodium"],
    "Observation?_count=0": [],
    "Observation?_format=json&_id=bare": ["bare"],
}


def test_every_search_finds_what_it_should(filled: Any) -> None:
    assert {query: filled.found(f"/{query}") for query in QUERIES} == QUERIES


def test_a_posted_search_is_the_same_search(filled: Any) -> None:
    answer = filled.client.post(
        "/fhir/Observation/_search", data={"patient": "p1", "_sort": "-date"}
    )

    found = [entry["resource"]["id"] for entry in answer.get_json()["entry"]]
    assert found == ["sodium", "pulse"]


TIMES = [
    "2023",
    "2024-03",
    "2024-03-05",
    "2024-03-05T09:00Z",
    "2024-03-05T09:00:00Z",
    "2024-03-05T09:00:00.250Z",
]
PERIODS: list[Any] = [
    {"start": "2024-03-05", "end": "2024-03-06"},
    {"start": "2024-03-05T09:00:00Z"},
    {"end": "2024-03-05T09:00:00Z"},
]
TARGETS: list[Any] = [*(one for one in TIMES if "09:00Z" not in one), *PERIODS]


def test_all_prefixes_compare_as_the_standard_says(either: Any, make: Any) -> None:
    def encounter(n: int) -> dict[str, Any]:
        name = "effectivePeriod" if isinstance(TARGETS[n], dict) else "effectiveDateTime"
        return _observation(str(n), code={"text": "x"}, **{name: TARGETS[n]})

    either.bundle(
        "transaction",
        *(make.entry("PUT", f"Observation/{n}", encounter(n)) for n in range(len(TARGETS))),
    )

    asked = [(prefix, time) for prefix, time in product(PREFIXES, TIMES) if prefix != "ap"]
    found = {
        prefix + time: sorted(either.found(f"/Observation?date={prefix}{time}"))
        for prefix, time in asked
    }

    assert found == {
        prefix + time: [
            str(n) for n, kept in enumerate(TARGETS) if holds(prefix, span(kept), interval(time))
        ]
        for prefix, time in asked
    }


def test_about_a_date_allows_a_tenth_of_its_distance_from_now(either: Any, make: Any) -> None:
    for id_, when in (("near", "2024-05-01"), ("far", "2023-05-01")):
        either.bundle(
            "transaction",
            make.entry(
                "PUT",
                f"Observation/{id_}",
                _observation(id_, code={"text": "x"}, effectiveDateTime=when),
            ),
        )

    assert either.found("/Observation?date=ap2024-03-05") == ["near"]  # 73 days of 726


@pytest.mark.parametrize(
    ("query", "at", "named"),
    [
        ("colour=red", "Observation", "colour"),
        ("patient:exact=1", "Observation", "patient:exact"),
        ("code:in=urn:valueset", "Observation", "code:in"),
        ("code:missing=perhaps", "code", "true or false"),
        ("_include=Observation", "_include", "not a reference"),
        ("_include=Patient:link", "_include", "starts at"),
        ("_include=Observation:code", "_include", "Observation:code"),
        ("_include=Observation:subject:Practitioner", "_include", "target"),
        ("_revinclude=*", "_revinclude", "Type:parameter"),
        ("_revinclude=Encounter:subject", "_revinclude", "does not refer"),
        ("_summary=some", "_summary", "one of"),
        ("_total=many", "_total", "one of"),
        ("_elements=colour", "_elements", "colour"),
        ("value-quantity=much", "value-quantity", "number"),
        ("value-quantity=5|mg", "value-quantity", "number|system|code"),
        ("code-value-quantity=1", "code-value-quantity", "two values"),
        ("code-value-quantity=urn:a|$5", "code", "a code"),
        ("subject.colour=red", "Observation", "subject.colour"),
        ("code.name=x", "Observation", "code.name"),
        ("subject:Patient.organization.name=x", "Observation", "more than one reference"),
        ("_has:Observation:subject", "Observation", "_has"),
        ("_has:Observation:subject:code=x", "Observation", "_has:Observation:subject:code"),
        ("_has:Observation:has-member:subject.name=x", "Observation", "more than one"),
        ("value-string=%20", "value-string", "text"),
        ("code=%00", "Observation", "NUL"),
        ("date=soon", "date", "date"),
        ("date=2024-13", "date", "date"),
        ("_lastUpdated=x", "_lastUpdated", "date"),
        ("code=", "code", "code"),
        ("code=a,,b", "code", "code"),
        ("code=|", "code", "code"),
        ("_count=many", "_count", "number"),
        ("_count=-1", "_count", "number"),
        ("_sort=colour", "_sort", "colour"),
        ("_sort=code", "_sort", "code"),
        ("_sort=", "_sort", "sort"),
        (f"_sort={','.join(['date'] * 5)}", "_sort", "at most 4"),
        (f"status={','.join(['final'] * 501)}", "Observation", "at most 500"),
        ("&".join(["date=ge2024"] * 501), "Observation", "at most 500"),
    ],
)
def test_what_cannot_be_searched_is_refused_by_name(
    ehr: Any, body: Any, query: str, at: str, named: str
) -> None:
    answer = ehr.get(f"/Observation?{query}")

    issue = body(answer)["issue"][0]
    assert (answer.status_code, issue["expression"]) == (400, [at])
    assert named in issue["details"]["text"]


def test_a_parameters_value_is_never_repeated(ehr: Any) -> None:
    answer = ehr.get("/Patient?Smith%20John%201970=x&identifier=Smith")

    assert b"Smith" not in answer.get_data()


def test_only_json_is_served(ehr: Any) -> None:
    assert ehr.get("/Patient?_format=xml").status_code == 406
    assert ehr.get("/Patient", Accept="application/fhir+xml").status_code == 406
    assert ehr.get("/Patient", Accept="text/html, */*;q=0.1").status_code == 200


def test_a_lenient_search_says_which_parameters_it_used(filled: Any, body: Any) -> None:
    answer = body(filled.get("/Patient?colour=red&_id=p1", Prefer="handling=lenient"))

    assert [entry["resource"]["id"] for entry in answer["entry"]] == ["p1"]
    assert answer["link"] == [{"relation": "self", "url": "http://localhost/fhir/Patient?_id=p1"}]


def test_a_searchset_says_total_and_full_urls(filled: Any, body: Any) -> None:
    answer = body(filled.get("/Patient?_id=p2"))

    assert answer == {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": 1,
        "link": [{"relation": "self", "url": "http://localhost/fhir/Patient?_id=p2"}],
        "entry": [
            {
                "fullUrl": "http://localhost/fhir/Patient/p2",
                "resource": body(filled.get("/Patient/p2")),
                "search": {"mode": "match"},
            }
        ],
    }
