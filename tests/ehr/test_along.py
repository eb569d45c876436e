"""What comes along with matches, and how much of each is shown."""

from typing import Any

import pytest

from wherry.fhir.check import problems

SUBSETTED = "SUBSETTED"


def _observation(id_: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": id_}]},
        "subject": {"reference": "Patient/p"},
        **more,
    }


RESOURCES: list[dict[str, Any]] = [
    {"resourceType": "Organization", "id": "org", "name": "Demo hospital"},
    {
        "resourceType": "Patient",
        "id": "p",
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">P</div>'},
        "name": [{"family": "Testperson"}],
        "maritalStatus": {"text": "unknown"},
        "managingOrganization": {"reference": "Organization/org"},
        "communication": [{"language": {"text": "German"}, "preferred": True}],
    },
    {"resourceType": "Practitioner", "id": "doc"},
    _observation("child", performer=[{"reference": "Practitioner/doc"}]),
    _observation("parent", hasMember=[{"reference": "Observation/child"}]),
    _observation("grand", hasMember=[{"reference": "Observation/parent/_history/1"}]),
    _observation("lost", performer=[{"reference": "Practitioner/nobody"}]),
    {
        "resourceType": "Provenance",
        "id": "source",
        "target": [{"reference": "Observation/child"}],
        "recorded": "2026-03-01T12:00:00Z",
        "agent": [{"who": {"display": "Made up"}}],
    },
]


@pytest.fixture
def filled(either: Any, make: Any) -> Any:
    puts = (make.entry("PUT", f"{one['resourceType']}/{one['id']}", one) for one in RESOURCES)
    answer = either.bundle("transaction", *puts)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return either


def _along(answer: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"match": [], "include": []}
    for entry in answer.get("entry", []):
        found[entry["search"]["mode"]].append(entry["resource"]["id"])
    return found


@pytest.mark.parametrize(
    ("query", "match", "along"),
    [
        ("_id=child&_include=Observation:subject", ["child"], ["p"]),
        ("_id=child&_include=Observation:patient:Patient", ["child"], ["p"]),
        ("_id=child&_include=Observation:subject:Group", ["child"], []),
        ("_id=child&_include=Observation:*", ["child"], ["doc", "p"]),
        ("_id=child&_include=*", ["child"], ["doc", "p"]),
        ("_id=lost&_include=Observation:performer", ["lost"], []),
        ("_id=child,parent&_include=Observation:has-member", ["child", "parent"], []),
        ("_id=grand&_include=Observation:has-member", ["grand"], ["parent"]),
        ("_id=grand&_include:iterate=Observation:has-member", ["grand"], ["child", "parent"]),
        (
            "_id=child&_include=Observation:patient&_include:iterate=Patient:organization",
            ["child"],
            ["org", "p"],
        ),
        ("_id=child&_revinclude=Provenance:target", ["child"], ["source"]),
        ("_id=child&_revinclude=Observation:has-member", ["child"], ["parent"]),
        ("_id=child&_revinclude:iterate=Observation:has-member", ["child"], ["grand", "parent"]),
        ("_id=nobody&_revinclude=Provenance:target", [], []),
        ("_id=child&_count=0&_include=*", [], []),
    ],
)
def test_what_comes_along_is_marked_and_not_counted(
    filled: Any, body: Any, query: str, match: list[str], along: list[str]
) -> None:
    answer = body(filled.get(f"/Observation?{query}&_sort=_id"))

    found = _along(answer)
    assert (found["match"], sorted(found["include"])) == (match, along)
    if "_count=0" not in query:
        assert answer["total"] == len(match)


def test_a_resource_that_several_matches_refer_to_comes_once(filled: Any, body: Any) -> None:
    answer = body(filled.get("/Observation?_include=Observation:subject"))

    assert _along(answer)["include"] == ["p"]


def test_later_pages_bring_along_what_belongs_to_them(filled: Any, body: Any) -> None:
    page = body(filled.get("/Observation?_sort=_id&_count=1&_include=Observation:has-member"))
    seen = [_along(page)]
    while links := [one["url"] for one in page["link"] if one["relation"] == "next"]:
        page = body(filled.get(links[0].removeprefix("http://localhost/fhir")))
        seen.append(_along(page))

    assert [one["include"] for one in seen] == [[], ["parent"], [], ["child"]]


def test_more_than_a_page_holds_is_said_to_be_left_out(ehr: Any, make: Any, body: Any) -> None:
    puts = [_observation(f"o-{n}") for n in range(1001)]
    ehr.bundle(
        "transaction",
        make.entry("PUT", "Patient/p", {"resourceType": "Patient", "id": "p"}),
        *(make.entry("PUT", f"Observation/{one['id']}", one) for one in puts),
    )

    entries = body(ehr.get("/Patient?_revinclude=Observation:subject"))["entry"]

    modes = [entry["search"]["mode"] for entry in entries]
    assert modes == ["match", *(["include"] * 1000), "outcome"]
    assert entries[-1]["resource"]["issue"][0]["code"] == "incomplete"


def _patient(filled: Any, body: Any, asked: str) -> Any:
    found = body(filled.get(f"/Patient?_id=p&{asked}"))["entry"][0]["resource"]
    assert body(filled.get(f"/Patient/p?{asked}")) == found
    assert body(filled.get(f"/Patient/p/_history/1?{asked}")) == found
    return found


@pytest.mark.parametrize(
    ("asked", "elements"),
    [
        ("_summary=true", {"name", "managingOrganization"}),
        ("_summary=text", {"text"}),
        ("_summary=data", {"name", "maritalStatus", "managingOrganization", "communication"}),
        ("_elements=name,maritalStatus", {"name", "maritalStatus"}),
        ("_elements=Patient.name&_elements=text", {"name", "text"}),
    ],
)
def test_a_part_of_a_resource_is_marked_as_such(
    filled: Any, body: Any, asked: str, elements: set[str]
) -> None:
    found = _patient(filled, body, asked)

    assert found.keys() == {"resourceType", "id", "meta"} | elements
    assert [one["code"] for one in found["meta"]["tag"]] == [SUBSETTED]
    assert found["meta"]["versionId"] == "1"


def test_what_a_type_cannot_be_without_is_always_there(filled: Any, body: Any) -> None:
    found = body(filled.get("/Observation/child?_elements=subject"))

    assert found.keys() == {"resourceType", "id", "meta", "status", "code", "subject"}
    assert problems(found) == []


def test_a_summary_goes_into_the_parts_of_elements(filled: Any, body: Any) -> None:
    component = {
        "code": {"text": "part"},
        "valueString": "x",
        "interpretation": [{"text": "high"}],
    }
    filled.ask("PUT", "/Observation/lost", _observation("lost", component=[component]))

    found = body(filled.get("/Observation/lost?_summary=true"))

    assert found["component"] == [{"code": {"text": "part"}, "valueString": "x"}]


def test_a_count_has_no_entries(filled: Any, body: Any) -> None:
    answer = body(filled.get("/Observation?_summary=count"))

    assert (answer["total"], "entry" in answer) == (4, False)


def test_a_total_can_be_left_out(filled: Any, body: Any) -> None:
    assert "total" not in body(filled.get("/Observation?_total=none&_count=1"))
    assert body(filled.get("/Observation?_total=accurate&_count=1"))["total"] == 4


@pytest.mark.parametrize("path", ["/Patient/p?_summary=count", "/Patient/p?colour=red"])
def test_a_read_takes_only_what_is_about_its_answer(filled: Any, path: str) -> None:
    assert filled.get(path).status_code == 400
    assert filled.get("/Patient/p?colour=red", Prefer="handling=lenient").status_code == 200
