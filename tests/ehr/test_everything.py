"""$everything, $validate, conditional deletes, and what an answer to a write holds."""

from typing import Any

import pytest

from wherry.codec import encode


def _about(type_: str, id_: str, **more: Any) -> dict[str, Any]:
    return {"resourceType": type_, "id": id_, **more}


OF_P = {"subject": {"reference": "Patient/p"}}
CODED = {"status": "final", "code": {"text": "x"}}
RESOURCES = [
    _about("Practitioner", "doc"),
    _about("Organization", "org", name="Demo hospital"),
    _about("Patient", "p", generalPractitioner=[{"reference": "Practitioner/doc"}]),
    _about("Patient", "other"),
    _about("Observation", "old", **CODED, **OF_P, effectiveDateTime="2023-05-01"),
    _about("Observation", "new", **CODED, **OF_P, effectiveDateTime="2024-05-01"),
    _about("Observation", "others", **CODED, subject={"reference": "Patient/other"}),
    _about("Encounter", "e", status="finished", **{"class": {"code": "IMP"}}, **OF_P),
    _about(
        "Coverage",
        "c",
        status="active",
        beneficiary={"reference": "Patient/p"},
        payor=[{"reference": "Organization/org"}],
    ),
    _about(
        "Appointment",
        "a",
        status="proposed",
        participant=[{"actor": {"reference": "Patient/p"}, "status": "accepted"}],
    ),
    _about("Flag", "f", status="active", code={"text": "x"}, subject={"reference": "Patient/p"}),
]
EVERYTHING = ["p", "old", "new", "e", "c", "a", "f"]
ALONG = {"doc", "org"}


@pytest.fixture
def filled(either: Any, make: Any) -> Any:
    puts = (make.entry("PUT", f"{one['resourceType']}/{one['id']}", one) for one in RESOURCES)
    answer = either.bundle("transaction", *puts)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    either.ask("DELETE", "/Flag/f")
    either.ask("PUT", "/Flag/f", RESOURCES[-1])
    return either


def _parted(bundle: Any) -> tuple[list[str], set[str]]:
    entries = bundle.get("entry", [])
    match = [e["resource"]["id"] for e in entries if e["search"]["mode"] == "match"]
    return match, {e["resource"]["id"] for e in entries if e["search"]["mode"] == "include"}


def test_everything_is_the_compartment_and_what_it_refers_to(filled: Any, body: Any) -> None:
    answer = filled.get("/Patient/p/$everything")

    assert answer.status_code == 200
    assert body(answer)["type"] == "searchset"
    assert _parted(body(answer)) == (EVERYTHING, ALONG)


def test_everything_comes_in_pages(filled: Any, body: Any) -> None:
    page = body(filled.get("/Patient/p/$everything?_count=3"))
    seen, along = _parted(page)
    while links := [one["url"] for one in page["link"] if one["relation"] == "next"]:
        page = body(filled.get(links[0].removeprefix("http://localhost/fhir")))
        seen += _parted(page)[0]
        along |= _parted(page)[1]

    assert (seen, along) == (EVERYTHING, ALONG)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ("_type=Observation", ["old", "new"]),
        ("_type=Observation,Patient", ["p", "old", "new"]),
        ("start=2024", ["p", "new", "e", "c", "a", "f"]),
        ("end=2023-12-31", ["p", "old", "e", "c", "a", "f"]),
        ("start=2023&end=2023", ["p", "old", "e", "c", "a", "f"]),
        ("_since=2027-01-01T00:00:00Z", []),
        ("_since=2026-01-01T00:00:00Z&_type=Encounter", ["e"]),
    ],
)
def test_everything_can_be_narrowed(filled: Any, body: Any, asked: str, ids: list[str]) -> None:
    assert _parted(body(filled.get(f"/Patient/p/$everything?{asked}")))[0] == ids


def test_everything_can_be_posted_with_parameters(filled: Any, body: Any) -> None:
    asked = [{"name": "_type", "valueCode": "Encounter"}, {"name": "_count", "valueInteger": 5}]

    answer = filled.ask(
        "POST", "/Patient/p/$everything", {"resourceType": "Parameters", "parameter": asked}
    )

    assert _parted(body(answer))[0] == ["e"]
    assert filled.ask("POST", "/Patient/p/$everything").status_code == 200


def test_everything_is_answered_inside_a_batch(filled: Any, body: Any, make: Any) -> None:
    answer = filled.bundle("batch", make.entry("GET", "Patient/p/$everything?_type=Encounter"))

    assert _parted(body(answer)["entry"][0]["resource"])[0] == ["e"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Patient/nobody/$everything", 404),
        ("/Observation/old/$everything", 404),
        ("/Patient/p/$everything?_count=0", 400),
        ("/Patient/p/$everything?_type=Dragon", 400),
        ("/Patient/p/$everything?start=soon", 400),
        ("/Patient/p/$everything?_since=x", 400),
        ("/Patient/p/$everything?colour=red", 400),
        ("/Patient/p/$everything?_format=xml", 406),
    ],
)
def test_everything_that_makes_no_sense_is_refused(filled: Any, path: str, status: int) -> None:
    assert filled.get(path).status_code == status


@pytest.mark.parametrize(
    ("path", "resource", "text"),
    [
        ("/Patient/$validate", {"resourceType": "Patient"}, "all is well"),
        ("/Patient/$validate?mode=create", {"resourceType": "Patient"}, "all is well"),
        ("/Patient/$validate", {"resourceType": "Patient", "gender": "x"}, "expected one of"),
        ("/Patient/$validate", {"resourceType": "Basic", "code": {"text": "x"}}, "Patient"),
        ("/Patient/$validate?mode=update", {"resourceType": "Patient"}, "must carry the id"),
        ("/Patient/1/$validate", {"resourceType": "Patient", "id": "1"}, "all is well"),
        ("/Patient/1/$validate", {"resourceType": "Patient", "id": "2"}, "must carry the id"),
        (
            "/Patient/$validate?profile=http://hl7.org/fhir/StructureDefinition/Patient",
            {"resourceType": "Patient"},
            "all is well",
        ),
        ("/Patient/1/$validate?mode=delete", None, "all is well"),
    ],
)
def test_a_resource_is_validated_and_not_stored(
    ehr: Any, body: Any, path: str, resource: Any, text: str
) -> None:
    answers = [ehr.ask("POST", path, resource)]
    if resource is not None:
        named = [{"name": "resource", "resource": resource}]
        parameters = {"resourceType": "Parameters", "parameter": named}
        answers.append(ehr.ask("POST", path, parameters))

    for answer in answers:
        assert answer.status_code == 200
        found = body(answer)
        assert found["resourceType"] == "OperationOutcome"
        assert text in found["issue"][0]["details"]["text"]
    assert body(ehr.get("/Patient"))["total"] == 0


@pytest.mark.parametrize(
    ("path", "resource", "status"),
    [
        ("/Patient/$validate", None, 400),
        ("/Patient/$validate", [], 400),
        ("/Patient/$validate?mode=guess", {"resourceType": "Patient"}, 400),
        ("/Patient/$validate?profile=urn:mine", {"resourceType": "Patient"}, 422),
        ("/Patient/$validate", {"resourceType": "Parameters", "parameter": {}}, 400),
        ("/Dragon/$validate", {"resourceType": "Patient"}, 404),
    ],
)
def test_a_validation_that_makes_no_sense_is_refused(
    ehr: Any, path: str, resource: Any, status: int
) -> None:
    assert ehr.ask("POST", path, resource).status_code == status


def test_a_conditional_delete_means_at_most_one(either: Any, make: Any, body: Any) -> None:
    for value in ("1", "2"):
        either.created(make.patient(value))

    def statuses(*paths: str) -> list[int]:
        return [either.ask("DELETE", path).status_code for path in paths]

    one = "/Patient?identifier=urn:example:mrn|1"
    assert statuses(one, one, "/Patient?family=testperson") == [204, 204, 204]
    assert either.found("/Patient") == []
    for value in ("3", "4"):
        either.created(make.patient(value))
    assert statuses("/Patient?family=testperson", "/Patient", "/Patient?_count=1") == [
        412,
        400,
        400,
    ]
    assert len(either.found("/Patient")) == 2


def test_a_conditional_delete_works_in_bundles(either: Any, make: Any, body: Any) -> None:
    for value in ("1", "2"):
        either.created(make.patient(value))
    entries = [make.entry("DELETE", f"Patient?identifier=urn:example:mrn|{n}") for n in (1, 3)]

    for type_ in ("transaction", "batch"):
        answers = body(either.bundle(type_, *entries))["entry"]
        assert [one["response"]["status"][:3] for one in answers] == ["204", "204"]
    assert len(either.found("/Patient")) == 1


@pytest.mark.parametrize(
    ("wish", "held"),
    [
        ("return=minimal", None),
        ("return=representation", "Patient"),
        ("return=OperationOutcome", "OperationOutcome"),
        ("return=OperationOutcome; handling=strict", "OperationOutcome"),
        ("", "Patient"),
    ],
)
def test_an_answer_holds_what_the_client_prefers(
    ehr: Any, make: Any, wish: str, held: str | None
) -> None:
    def type_of(answer: Any) -> str | None:
        return (
            encode(answer.get_json()["resourceType"]).decode().strip('"') if answer.data else None
        )

    headers = {"Prefer": wish} if wish else {}
    made = ehr.ask("POST", "/Patient", make.patient(), **headers)
    id_ = made.headers["Location"].split("/")[-3]
    changed = ehr.ask("PUT", f"/Patient/{id_}", make.patient(id=id_, gender="male"), **headers)

    assert (made.status_code, changed.status_code) == (201, 200)
    assert [type_of(made), type_of(changed)] == [held, held]
    deleted = ehr.ask("DELETE", f"/Patient/{id_}", **headers)
    assert deleted.status_code == (200 if held == "OperationOutcome" else 204)


def test_a_bundles_answers_hold_what_the_client_prefers(ehr: Any, make: Any, body: Any) -> None:
    entry = make.entry("POST", "Patient", make.patient())

    for type_ in ("transaction", "batch"):
        minimal = body(ehr.bundle(type_, entry))["entry"][0]
        whole = body(ehr.bundle(type_, entry, Prefer="return=representation"))["entry"][0]
        said = body(ehr.bundle(type_, entry, Prefer="return=OperationOutcome"))["entry"][0]
        assert "resource" not in minimal
        assert whole["resource"]["resourceType"] == "Patient"
        assert "resource" not in said
        assert said["response"]["outcome"]["issue"][0]["severity"] == "information"
