"""FHIR R4 http.html: what a server does with single resources."""

import pytest
from tests.conformance.ehr.client import PATCH, Fhir, fresh, patient


def test_create_answers_201_with_location_version_and_time(fhir: Fhir) -> None:
    """3.1.0.8: Location names id and version; ETag and Last-Modified are theirs."""
    answer = fhir.ask("POST", "Patient", patient(fresh(), id="ignored"))

    assert answer.status == 201
    id_ = answer.body["id"]
    assert id_ != "ignored"
    assert answer.headers["Location"] == f"{fhir.base}/Patient/{id_}/_history/{answer.version}"
    assert answer.headers["ETag"].startswith('W/"')
    assert answer.headers["Last-Modified"].endswith("GMT")
    assert answer.body["meta"]["versionId"] == answer.version


def test_read_answers_what_was_stored(fhir: Fhir) -> None:
    """3.1.0.2."""
    made = fhir.create(patient(fresh()))

    answer = fhir.get(f"Patient/{made['id']}")

    assert (answer.status, answer.body) == (200, made)
    assert answer.headers["Content-Type"].startswith("application/fhir+json")


def test_what_is_not_there_is_404_and_what_was_deleted_410(fhir: Fhir) -> None:
    """3.1.0.2, 3.1.0.7."""
    id_ = fhir.create(patient(fresh()))["id"]
    deleted = fhir.ask("DELETE", f"Patient/{id_}")

    assert deleted.status in {200, 204}
    assert fhir.get(f"Patient/{id_}").status == 410
    assert fhir.get(f"Patient/{fresh()}").status == 404
    assert fhir.get(f"Patient/{id_}/_history/1").status == 200
    assert fhir.ask("DELETE", f"Patient/{id_}").status in {200, 204}


def test_digits_are_kept(fhir: Fhir) -> None:
    """R4 datatypes, decimal: precision is to be preserved."""
    body = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        b'"valueQuantity":{"value":98.60}}'
    )
    made = fhir.ask("POST", "Observation", body)

    assert '"value":98.60' in fhir.get(f"Observation/{made.body['id']}").text


def test_update_makes_a_version_and_may_create(fhir: Fhir) -> None:
    """3.1.0.4, 3.1.0.4.1 (upsert)."""
    id_ = fresh()
    first = fhir.ask("PUT", f"Patient/{id_}", patient(id_, id=id_))
    second = fhir.ask("PUT", f"Patient/{id_}", patient(id_, id=id_, gender="male"))

    assert (first.status, second.status) == (201, 200)
    assert first.version != second.version
    old = fhir.get(f"Patient/{id_}/_history/{first.version}")
    assert (old.status, "gender" in old.body) == (200, False)


@pytest.mark.parametrize("body_id", [None, "another"])
def test_update_needs_the_id_of_its_address(fhir: Fhir, body_id: str | None) -> None:
    """3.1.0.4: 400."""
    resource = patient(fresh(), **({"id": body_id} if body_id else {}))

    assert fhir.ask("PUT", f"Patient/{fresh()}", resource).status == 400


def test_a_stale_version_is_412(fhir: Fhir) -> None:
    """3.1.0.5 (managing resource contention)."""
    made = fhir.create(patient(fresh()))
    path, old = f"Patient/{made['id']}", f'W/"{made["meta"]["versionId"]}"'
    changed = {**made, "gender": "female"}

    assert fhir.ask("PUT", path, changed, If_Match='W/"999"').status == 412
    assert fhir.ask("PUT", path, changed, If_Match=old).status == 200
    assert fhir.ask("PUT", path, {**made, "gender": "male"}, If_Match=old).status == 412
    assert fhir.ask("DELETE", path, If_Match=old).status == 412


def test_conditional_read_answers_304(fhir: Fhir) -> None:
    """3.1.0.2.1."""
    made = fhir.create(patient(fresh()))
    path, tag = f"Patient/{made['id']}", f'W/"{made["meta"]["versionId"]}"'

    assert fhir.get(path, If_None_Match=tag).status == 304
    assert fhir.get(path, If_None_Match='W/"999"').status == 200
    assert fhir.get(path, If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT").status == 304
    assert fhir.get(path, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status == 200


def test_conditional_create_makes_one(fhir: Fhir) -> None:
    """3.1.0.8.1: none creates, one is answered 200, several are 412."""
    mark = fresh()
    asked = {"If_None_Exist": f"identifier=urn:example:conformance|{mark}"}

    statuses = [fhir.ask("POST", "Patient", patient(mark), **asked).status for _ in range(2)]
    fhir.create(patient(mark))

    assert statuses == [201, 200]
    assert fhir.ask("POST", "Patient", patient(mark), **asked).status == 412


def test_conditional_update_means_one(fhir: Fhir) -> None:
    """3.1.0.4.3."""
    mark = fresh()
    path = f"Patient?identifier=urn:example:conformance|{mark}"

    made = fhir.ask("PUT", path, patient(mark))
    changed = fhir.ask("PUT", path, patient(mark, gender="male"))
    fhir.create(patient(mark))

    assert (made.status, changed.status) == (201, 200)
    assert made.body["id"] == changed.body["id"]
    assert fhir.ask("PUT", path, patient(mark)).status == 412


def test_conditional_delete_means_one(fhir: Fhir) -> None:
    """3.1.0.7.1: several are 412 where conditionalDelete is single."""
    mark = fresh()
    path = f"Patient?identifier=urn:example:conformance|{mark}"
    for _ in range(2):
        fhir.create(patient(mark))

    assert fhir.ask("DELETE", path).status == 412
    assert fhir.ask("DELETE", f"Patient/{fhir.get(path).ids[0]}").status in {200, 204}
    assert fhir.ask("DELETE", path).status in {200, 204}
    assert fhir.get(path).ids == []


def _patch(fhir: Fhir, path: str, *operations: object, **headers: str) -> int:
    return fhir.ask("PATCH", path, list(operations), Content_Type=PATCH, **headers).status


def test_json_patch_changes_and_its_test_guards(fhir: Fhir) -> None:
    """3.1.0.6, RFC 6902."""
    made = fhir.create(patient(fresh(), gender="male"))
    path = f"Patient/{made['id']}"
    female = {"op": "replace", "path": "/gender", "value": "female"}

    assert _patch(fhir, path, {"op": "test", "path": "/gender", "value": "x"}, female) in {409, 422}
    assert fhir.get(path).body["gender"] == "male"
    assert _patch(fhir, path, female, If_Match='W/"999"') == 412
    assert _patch(fhir, path, {"op": "test", "path": "/gender", "value": "male"}, female) == 200
    assert fhir.get(path).body["gender"] == "female"
    assert _patch(fhir, path, {"op": "add", "path": "/gender", "value": "unheard-of"}) == 422
    assert _patch(fhir, f"Patient/{fresh()}", female) == 404


def test_conditional_patch_means_exactly_one(fhir: Fhir) -> None:
    """3.1.0.6.1."""
    mark = fresh()
    path = f"Patient?identifier=urn:example:conformance|{mark}"
    male = {"op": "add", "path": "/gender", "value": "male"}

    assert _patch(fhir, path, male) == 404
    fhir.create(patient(mark))
    assert _patch(fhir, path, male) == 200
    fhir.create(patient(mark))
    assert _patch(fhir, path, male) == 412


@pytest.mark.parametrize(
    ("wish", "type_"),
    [
        ("return=minimal", None),
        ("return=representation", "Patient"),
        ("return=OperationOutcome", "OperationOutcome"),
    ],
)
def test_the_client_says_what_an_answer_holds(fhir: Fhir, wish: str, type_: str | None) -> None:
    """3.1.0.1.9."""
    answer = fhir.ask("POST", "Patient", patient(fresh()), Prefer=wish)

    assert answer.status == 201
    assert (answer.body or {}).get("resourceType") == type_


def test_an_invalid_resource_is_422_and_says_where(fhir: Fhir) -> None:
    """3.1.0.8.2."""
    answer = fhir.ask("POST", "Patient", patient(fresh(), gender="unheard-of"))

    assert answer.status == 422
    issue = answer.body["issue"][0]
    assert "gender" in str(issue.get("expression") or issue.get("location"))


def test_parts_of_a_resource_are_marked(fhir: Fhir) -> None:
    """search.html, 3.1.1.5.8 and 3.1.1.5.9: _summary and _elements, with SUBSETTED."""
    id_ = fhir.create(patient(fresh(), maritalStatus={"text": "unknown"}))["id"]

    for asked in ("_summary=true", "_summary=text", "_elements=name"):
        found = fhir.get(f"Patient/{id_}?{asked}").body
        assert "maritalStatus" not in found
        assert found["id"] == id_
        assert "SUBSETTED" in [tag["code"] for tag in found["meta"]["tag"]]


def test_only_json_is_asked_for(fhir: Fhir) -> None:
    """3.1.0.1.10: 406 for a form that is not served, by _format before Accept."""
    assert fhir.get("Patient?_format=json", Accept="application/fhir+xml").status == 200
    assert fhir.get("Patient?_format=xml").status == 406
    assert fhir.get("Patient", Accept="application/fhir+xml").status == 406
    assert fhir.ask("POST", "Patient", b"<a/>", Content_Type="application/fhir+xml").status == 415


def test_history_is_newest_first_and_comes_in_pages(fhir: Fhir) -> None:
    """3.1.0.13."""
    id_ = fresh()
    for gender in ("male", "female"):
        fhir.ask("PUT", f"Patient/{id_}", patient(id_, id=id_, gender=gender))
    fhir.ask("DELETE", f"Patient/{id_}")

    whole = fhir.get(f"Patient/{id_}/_history")
    assert (whole.body["type"], whole.body["total"]) == ("history", 3)
    assert whole.body["entry"][0]["request"]["method"] == "DELETE"
    assert [one["resource"]["gender"] for one in whole.body["entry"][1:]] == ["female", "male"]
    page, seen = fhir.get(f"Patient/{id_}/_history?_count=1"), 0
    while True:
        seen += len(page.body["entry"])
        if not page.link("next"):
            break
        page = fhir.get(page.link("next"))
    assert seen == 3
    for path in ("Patient/_history?_count=1", "_history?_count=1"):
        assert fhir.get(path).body["entry"][0]["fullUrl"].endswith(id_)
