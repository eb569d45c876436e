"""Read, version read, create, update and delete of one resource, on both databases."""

from typing import Any

import pytest

PATIENT = {"resourceType": "Patient"}


def test_what_is_created_can_be_read_and_read_by_version(either: Any, make: Any, body: Any) -> None:
    created = either.ask("POST", "/Patient", make.patient())
    id_ = body(created)["id"]

    read = either.get(f"/Patient/{id_}")
    version = either.get(f"/Patient/{id_}/_history/1")

    assert created.status_code == 201
    assert created.headers["Location"] == f"http://localhost/fhir/Patient/{id_}/_history/1"
    assert read.headers["ETag"] == 'W/"1"'
    assert read.headers["Last-Modified"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert read.get_data() == version.get_data() == created.get_data()
    assert body(read) == {
        **make.patient(),
        "id": id_,
        "meta": {"versionId": "1", "lastUpdated": "2026-03-01T12:00:00.000Z"},
    }


def test_decimals_keep_their_digits(ehr: Any, make: Any) -> None:
    text = (
        b'{"resourceType":"Observation","status":"final","code":{"text":"x"},'
        b'"valueQuantity":{"value":98.60}}'
    )

    answer = ehr.client.post("/fhir/Observation", data=text, content_type="application/fhir+json")
    id_ = answer.get_json()["id"]

    assert b'"value":98.60}' in ehr.get(f"/Observation/{id_}").get_data()


def test_another_precision_is_another_content(ehr: Any) -> None:
    def put(digits: str) -> str:
        text = (
            '{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},'
            f'"valueQuantity":{{"value":{digits}}}}}'
        )
        answer = ehr.client.put(
            "/fhir/Observation/o", data=text, content_type="application/fhir+json"
        )
        return str(answer.headers["ETag"])

    assert [put("98.6"), put("98.6"), put("98.60")] == ['W/"1"', 'W/"1"', 'W/"2"']


def test_an_update_makes_a_version_and_the_old_one_stays(either: Any, make: Any, body: Any) -> None:
    old = either.created(make.patient())

    answer = either.ask("PUT", f"/Patient/{old['id']}", {**old, "gender": "male"})

    assert (answer.status_code, answer.headers["ETag"]) == (200, 'W/"2"')
    assert body(either.get(f"/Patient/{old['id']}"))["gender"] == "male"
    assert body(either.get(f"/Patient/{old['id']}/_history/1")) == old


def test_equal_content_in_another_order_adds_no_version(either: Any, make: Any, body: Any) -> None:
    old = either.created(make.patient(gender="female"))

    answer = either.ask("PUT", f"/Patient/{old['id']}", dict(reversed(old.items())))

    assert (answer.status_code, answer.headers["ETag"], body(answer)) == (200, 'W/"1"', old)
    assert either.vids("Patient", old["id"]) == 1


def test_a_put_to_a_new_id_creates_under_that_id(either: Any, make: Any) -> None:
    answer = either.ask("PUT", "/Patient/my-id", make.patient(id="my-id"))

    assert answer.status_code == 201
    assert either.found("/Patient?_id=my-id") == ["my-id"]


def test_index_rows_follow_the_current_version(either: Any, make: Any) -> None:
    old = either.created(make.patient("A"))

    either.ask("PUT", f"/Patient/{old['id']}", {**old, **make.patient("B")})

    assert either.found("/Patient?identifier=urn:example:mrn|A") == []
    assert either.found("/Patient?identifier=urn:example:mrn|B") == [old["id"]]


def test_if_match_lets_only_the_named_version_be_changed(either: Any, make: Any) -> None:
    old = either.created(make.patient())
    new = {**old, "gender": "male"}

    late = either.ask("PUT", f"/Patient/{old['id']}", new, If_Match='W/"9"')
    good = either.ask("PUT", f"/Patient/{old['id']}", new, If_Match='W/"1"')
    absent = either.ask("PUT", "/Patient/x", {**new, "id": "x"}, If_Match='W/"1"')

    assert [late.status_code, good.status_code, absent.status_code] == [412, 200, 412]


def test_if_none_exist_creates_once(either: Any, make: Any) -> None:
    condition = "identifier=urn:example:mrn|1"

    first = either.ask("POST", "/Patient", make.patient(), If_None_Exist=condition)
    again = either.ask("POST", "/Patient", make.patient(), If_None_Exist=condition)

    assert [first.status_code, again.status_code] == [201, 200]
    assert again.get_data() == first.get_data()


def test_a_condition_that_matches_several_is_not_met(either: Any, make: Any) -> None:
    either.created(make.patient())
    either.created(make.patient())

    condition = "identifier=urn:example:mrn|1"
    created = either.ask("POST", "/Patient", make.patient(), If_None_Exist=condition)
    updated = either.ask("PUT", f"/Patient?{condition}", make.patient())

    assert [created.status_code, updated.status_code] == [412, 412]


def test_a_conditional_update_creates_then_updates_the_one(either: Any, make: Any) -> None:
    url = "/Patient?identifier=urn:example:mrn|1"

    first = either.ask("PUT", url, make.patient())
    second = either.ask("PUT", url, make.patient(gender="male"))

    assert [first.status_code, second.status_code] == [201, 200]
    assert second.headers["ETag"] == 'W/"2"'
    assert second.get_json()["id"] == first.get_json()["id"]


def test_a_conditional_update_takes_a_new_id_but_no_wrong_one(either: Any, make: Any) -> None:
    url = "/Patient?identifier=urn:example:mrn|"
    either.ask("PUT", "/Patient/taken", make.patient("0", id="taken"))

    new = either.ask("PUT", f"{url}1", make.patient("1", id="mine"))
    wrong = either.ask("PUT", f"{url}1", make.patient("1", id="other"))
    taken = either.ask("PUT", f"{url}2", make.patient("2", id="taken"))

    assert [new.status_code, wrong.status_code, taken.status_code] == [201, 400, 409]
    assert new.get_json()["id"] == "mine"


def test_what_is_deleted_is_gone_until_it_is_put_again(either: Any, make: Any) -> None:
    old = either.created(make.patient())
    path = f"/Patient/{old['id']}"

    deleted = either.ask("DELETE", path)
    gone = either.get(path)
    found = either.found("/Patient?identifier=urn:example:mrn|1") + either.found("/Patient")
    back = either.ask("PUT", path, old)

    assert [deleted.status_code, gone.status_code, back.status_code] == [204, 410, 201]
    assert (found, back.headers["ETag"]) == ([], 'W/"3"')
    assert either.get(f"{path}/_history/2").status_code == 410
    assert either.found("/Patient?identifier=urn:example:mrn|1") == [old["id"]]


def test_deleting_what_is_not_there_is_done_already(ehr: Any) -> None:
    assert ehr.ask("DELETE", "/Patient/nobody").status_code == 204


def test_prefer_minimal_leaves_the_resource_out(ehr: Any, make: Any) -> None:
    answer = ehr.ask("POST", "/Patient", make.patient(), Prefer="return=minimal")

    assert (answer.status_code, answer.get_data()) == (201, b"")


@pytest.mark.parametrize(
    ("asked", "status", "at"),
    [
        (("GET", "/Patient/nobody", None), 404, "Patient"),
        (("GET", "/Patient/nobody/_history/1", None), 404, "Patient"),
        (("GET", "/Patient/nobody/_history/x", None), 404, "Patient"),
        (("GET", "/Dragon/1", None), 404, None),
        (("GET", "/Patient/not_an_id", None), 404, None),
        (("PUT", "/metadata", PATIENT), 405, None),
        (("POST", "/Dragon", {"resourceType": "Dragon"}), 404, None),
        (("POST", "/Patient", {"resourceType": "Basic"}), 422, "Patient.resourceType"),
        (("POST", "/Patient", {**PATIENT, "colour": "red"}), 422, "Patient.colour"),
        (("POST", "/Patient", {**PATIENT, "birthDate": "soon"}), 422, "Patient.birthDate"),
        (("POST", "/Patient", {**PATIENT, "birthDate": "2026-02-31"}), 422, "Patient.birthDate"),
        (("PUT", "/Patient/a", PATIENT), 400, "Patient.id"),
        (("PUT", "/Patient/a", {**PATIENT, "id": "b"}), 400, "Patient.id"),
        (("PUT", "/Patient", PATIENT), 400, "Patient"),
    ],
)
def test_what_cannot_be_done_is_an_outcome_that_names_the_element(
    ehr: Any, body: Any, asked: tuple[str, str, Any], status: int, at: str | None
) -> None:
    answer = ehr.ask(*asked)

    issue = body(answer)["issue"][0]
    assert (answer.status_code, issue.get("expression")) == (status, [at] if at else None)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"resourceType": "Patient"'])
def test_what_is_no_json_object_is_malformed(ehr: Any, data: bytes) -> None:
    answer = ehr.client.post("/fhir/Patient", data=data, content_type="application/fhir+json")

    assert (answer.status_code, answer.get_json()["issue"][0]["code"]) == (400, "invalid")


def test_a_nul_character_is_refused(either: Any, make: Any) -> None:
    resource = make.patient()
    resource["identifier"][0]["value"] = "a\x00b"

    assert either.ask("POST", "/Patient", resource).status_code in {400, 422}


def test_xml_is_not_taken(ehr: Any) -> None:
    answer = ehr.client.post("/fhir/Patient", data=b"<x/>", content_type="application/fhir+xml")

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("asked", "header"),
    [
        (("POST", "/Patient"), "If-None-Exist"),
        (("PUT", "/Patient/p-1"), "If-Match"),
        (("DELETE", "/Patient/p-1"), "If-Match"),
    ],
)
def test_a_condition_that_says_nothing_is_refused_and_not_ignored(
    ehr: Any, make: Any, body: Any, asked: tuple[str, str], header: str
) -> None:
    resource = None if asked[0] == "DELETE" else make.patient(id="p-1")

    answer = ehr.ask(*asked, resource, **{header: ""})

    assert answer.status_code == 400
    assert body(answer)["issue"][0]["expression"] == [header]
    assert ehr.found("/Patient") == []
