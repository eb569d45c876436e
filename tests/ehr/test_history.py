"""The versions of a resource, of a type and of all; and reads that say what the caller has."""

from typing import Any

import pytest


def _ids(bundle: Any) -> list[tuple[str, str]]:
    return [
        (entry["request"]["method"], entry["response"]["etag"]) for entry in bundle.get("entry", [])
    ]


@pytest.fixture
def told(either: Any, make: Any) -> Any:
    """One patient in three versions, the last deleted; another with one."""
    either.ask("PUT", "/Patient/a", make.patient("1", id="a"))
    either.ask("PUT", "/Patient/a", make.patient("1", id="a", gender="female"))
    either.ask("PUT", "/Basic/b", {"resourceType": "Basic", "id": "b", "code": {"text": "b"}})
    either.ask("DELETE", "/Patient/a")
    return either


def test_a_resources_history_is_newest_first_and_says_what_was_done(told: Any, body: Any) -> None:
    bundle = body(told.get("/Patient/a/_history"))

    assert (bundle["type"], bundle["total"]) == ("history", 3)
    assert _ids(bundle) == [("DELETE", 'W/"3"'), ("PUT", 'W/"2"'), ("POST", 'W/"1"')]
    deleted, changed, first = bundle["entry"]
    assert "resource" not in deleted
    assert changed["resource"]["gender"] == "female"
    assert first["request"]["url"] == "Patient"
    assert first["response"]["lastModified"] == first["resource"]["meta"]["lastUpdated"]


@pytest.mark.parametrize(("path", "count"), [("/Patient/_history", 3), ("/_history", 4)])
def test_types_and_the_whole_system_have_a_history(
    told: Any, body: Any, path: str, count: int
) -> None:
    bundle = body(told.get(path))

    assert (bundle["total"], len(bundle["entry"])) == (count, count)
    times = [entry["response"]["lastModified"] for entry in bundle["entry"]]
    assert times == sorted(times, reverse=True)


def test_a_history_comes_in_pages_that_go_on_where_they_ended(
    told: Any, body: Any, make: Any
) -> None:
    path, seen = "/_history?_count=1", []
    while path:
        page = body(told.get(path))
        seen += _ids(page)
        links = {one["relation"]: one["url"] for one in page["link"]}
        path = links.get("next", "").removeprefix("http://localhost/fhir")
        told.ask("POST", "/Patient", make.patient(str(len(seen))))

    assert [method for method, _ in seen] == ["DELETE", "POST", "PUT", "POST"]


def test_a_history_can_begin_at_a_time(told: Any, body: Any) -> None:
    when = body(told.get("/Patient/a/_history"))["entry"][1]["response"]["lastModified"]

    assert len(_ids(body(told.get(f"/Patient/a/_history?_since={when}")))) == 2
    assert _ids(body(told.get("/Patient/a/_history?_since=2027"))) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/Patient/nobody/_history", 404),
        ("/Dragon/_history", 404),
        ("/Patient/_history?_count=x", 400),
        ("/Patient/_history?_since=soon", 400),
        ("/Patient/_history?_at=2024", 400),
        ("/Patient/_history?_page=made-up", 404),
    ],
)
def test_a_history_that_makes_no_sense_is_refused(told: Any, path: str, status: int) -> None:
    assert told.get(path).status_code == status


def test_a_page_belongs_to_the_request_that_it_came_from(told: Any, body: Any) -> None:
    page = body(told.get("/_history?_count=1"))["link"][1]["url"].partition("?")[2]

    assert told.get(f"/Patient?{page}").status_code == 404
    assert told.get(f"/Patient/_history?{page}").status_code == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_None_Match": 'W/"1"'}, 304),
        ({"If_None_Match": '"1"'}, 304),
        ({"If_None_Match": 'W/"9", W/"1"'}, 304),
        ({"If_None_Match": "*"}, 304),
        ({"If_None_Match": 'W/"2"'}, 200),
        ({"If_Modified_Since": "Fri, 01 Jan 2027 00:00:00 GMT"}, 304),
        ({"If_Modified_Since": "Wed, 01 Jan 2020 00:00:00 GMT"}, 200),
        (
            {"If_None_Match": 'W/"2"', "If_Modified_Since": "Fri, 01 Jan 2027 00:00:00 GMT"},
            200,
        ),
        ({"If_Modified_Since": "yesterday"}, 400),
        ({"If_Modified_Since": f"Fri, 01 Jan {'9' * 20} 00:00:00 GMT"}, 400),
        ({"If_None_Match": ""}, 400),
    ],
)
def test_a_read_says_when_the_caller_has_it_already(
    told: Any, headers: dict[str, str], status: int
) -> None:
    answer = told.get("/Basic/b", **headers)

    assert answer.status_code == status
    if status == 304:
        assert (answer.get_data(), answer.headers["ETag"]) == (b"", 'W/"1"')
    assert told.get("/Patient/a", **headers).status_code in {410, status}


def test_a_conditional_read_works_inside_a_bundle(told: Any, body: Any, make: Any) -> None:
    entry = make.entry("GET", "Basic/b")
    entry["request"]["ifNoneMatch"] = 'W/"1"'

    for type_ in ("batch", "transaction"):
        answers = body(told.bundle(type_, entry, make.entry("GET", "Patient/a/_history")))["entry"]
        assert answers[0]["response"]["status"].startswith("304")
        assert "resource" not in answers[0]
        assert len(answers[1]["resource"]["entry"]) == 3
