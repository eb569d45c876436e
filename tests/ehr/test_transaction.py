"""Transactions: all or nothing, links resolved, conditions, order; on both databases."""

from typing import Any

import pytest


def test_links_by_urn_become_addresses_and_a_resend_changes_nothing(
    either: Any, make: Any, body: Any
) -> None:
    entries = [
        make.entry(
            "PUT",
            "Observation?identifier=urn:example:observation%7C1",
            make.observation(subject={"reference": make.urn(1)}),
            fullUrl=make.urn(2),
        ),
        make.entry(
            "PUT", "Patient?identifier=urn:example:mrn|1", make.patient(), fullUrl=make.urn(1)
        ),
    ]

    first = body(either.bundle("transaction", *entries))
    again = body(either.bundle("transaction", *entries))

    assert first["type"] == "transaction-response"
    told = [entry["response"] for entry in first["entry"]]
    assert [one["status"] for one in told] == ["201 Created", "201 Created"]
    assert [entry["response"]["status"] for entry in again["entry"]] == ["200 OK", "200 OK"]
    assert [entry["response"]["etag"] for entry in again["entry"]] == ['W/"1"', 'W/"1"']
    observation, patient = (one["location"].split("/_history/")[0] for one in told)
    assert body(either.get(f"/{observation}"))["subject"] == {"reference": patient}
    assert either.found(f"/Observation?subject={patient}") == [observation.split("/")[1]]
    assert [one["lastModified"] for one in told] == ["2026-03-01T12:00:00.000Z"] * 2


def test_one_bad_entry_undoes_all(either: Any, make: Any) -> None:
    late = make.entry("PUT", "Patient/b", make.patient(id="b"), ifMatch='W/"7"')

    answer = either.bundle("transaction", make.entry("POST", "Patient", make.patient()), late)

    assert answer.status_code == 412
    assert answer.get_json()["issue"][0]["expression"] == ["Bundle.entry[1]"]
    assert either.found("/Patient") == []


def test_an_invalid_resource_is_named_by_its_place(ehr: Any, make: Any, body: Any) -> None:
    answer = ehr.bundle(
        "transaction",
        make.entry("POST", "Patient", make.patient()),
        make.entry("POST", "Patient", make.patient(birthDate="soon")),
    )

    assert answer.status_code == 422
    assert body(answer)["issue"][0]["expression"] == ["Bundle.entry[1].resource.birthDate"]
    assert ehr.found("/Patient") == []


def test_a_reference_by_search_becomes_the_one_it_finds(either: Any, make: Any, body: Any) -> None:
    patient = either.created(make.patient())
    subject = {"reference": "Patient?identifier=urn:example:mrn|1"}

    answer = body(
        either.bundle(
            "transaction", make.entry("POST", "Observation", make.observation(subject=subject))
        )
    )

    location = answer["entry"][0]["response"]["location"].split("/_history/")[0]
    assert body(either.get(f"/{location}"))["subject"]["reference"] == f"Patient/{patient['id']}"
    assert len(either.found(f"/Observation?patient={patient['id']}")) == 1


@pytest.mark.parametrize(
    "reference",
    ["Patient?identifier=urn:example:mrn|nobody", "urn:uuid:00000000-0000-4000-8000-000000000009"],
)
def test_a_reference_that_leads_nowhere_fails_the_transaction(
    ehr: Any, make: Any, reference: str
) -> None:
    observation = make.observation(subject={"reference": reference})

    answer = ehr.bundle("transaction", make.entry("POST", "Observation", observation))

    assert (answer.status_code, ehr.found("/Observation")) == (400, [])


def test_an_identifier_that_looks_like_a_link_is_left_alone(ehr: Any, make: Any, body: Any) -> None:
    patient = make.patient()
    patient["identifier"] = [{"system": "urn:ietf:rfc:3986", "value": make.urn(1)}]
    patient["text"] = {
        "status": "generated",
        "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{make.urn(1)}">self</a></div>',
    }

    ehr.bundle(
        "transaction",
        make.entry("PUT", "Patient/p", {**patient, "id": "p"}, fullUrl=make.urn(1)),
    )

    stored = body(ehr.get("/Patient/p"))
    assert stored["identifier"][0]["value"] == make.urn(1)
    assert 'href="Patient/p"' in stored["text"]["div"]


@pytest.mark.parametrize(
    "urls",
    [
        ("Patient/a", "Patient/a"),
        ("Patient?identifier=urn:example:mrn|1", "Patient?identifier=urn:example:mrn%7C1"),
        ("Patient?identifier=urn:example:mrn|0", "Patient/zero"),
        ("Patient?_id=x&identifier=1", "Patient?identifier=1&_id=x"),
    ],
)
def test_two_entries_that_mean_the_same_resource_are_refused(
    either: Any, make: Any, urls: tuple[str, str]
) -> None:
    either.ask("PUT", "/Patient/zero", make.patient("0", id="zero"))

    def put(url: str) -> Any:
        id_ = url.partition("/")[2]
        return make.entry("PUT", url, make.patient("0", **({"id": id_} if id_ else {})))

    answer = either.bundle("transaction", *(put(url) for url in urls))

    assert answer.status_code == 400
    assert either.found("/Patient") == ["zero"]


def test_deletes_come_first_and_gets_see_what_was_written(
    either: Any, make: Any, body: Any
) -> None:
    either.ask("PUT", "/Patient/old", make.patient("0", id="old"))

    answer = body(
        either.bundle(
            "transaction",
            make.entry("GET", "Patient?_sort=_id"),
            make.entry("PUT", "Patient/new", make.patient("1", id="new")),
            make.entry("DELETE", "Patient/old"),
            make.entry("GET", "Patient/new"),
        )
    )

    search, put, delete, read = answer["entry"]
    assert [entry["resource"]["id"] for entry in search["resource"]["entry"]] == ["new"]
    assert put["response"]["status"] == "201 Created"
    assert delete["response"]["status"] == "204 No Content"
    assert read["resource"]["id"] == "new"


def test_if_none_exist_inside_a_transaction_links_to_what_is_there(
    either: Any, make: Any, body: Any
) -> None:
    patient = either.created(make.patient())

    answer = body(
        either.bundle(
            "transaction",
            make.entry(
                "POST",
                "Patient",
                make.patient(gender="male"),
                fullUrl=make.urn(1),
                ifNoneExist="identifier=urn:example:mrn|1",
            ),
            make.entry("POST", "Observation", make.observation(subject={"reference": make.urn(1)})),
        )
    )

    assert [one["response"]["status"] for one in answer["entry"]] == ["200 OK", "201 Created"]
    assert body(either.get(f"/Patient/{patient['id']}")) == patient
    assert len(either.found(f"/Observation?patient={patient['id']}")) == 1


def test_prefer_representation_sends_the_resources(ehr: Any, make: Any, body: Any) -> None:
    entry = make.entry("PUT", "Patient/p", make.patient(id="p"))

    answer = body(ehr.bundle("transaction", entry, Prefer="return=representation"))

    assert answer["entry"][0]["resource"] == body(ehr.get("/Patient/p"))


@pytest.mark.parametrize(
    ("entry", "at"),
    [
        ({}, "Bundle.entry[0].request"),
        ("x", "Bundle.entry[0].request"),
        ({"request": {"method": "FLY", "url": "Patient"}}, "Bundle.entry[0].request.method"),
        ({"request": {"method": "GET"}}, "Bundle.entry[0].request.url"),
        ({"request": {"method": "GET", "url": ""}}, "Bundle.entry[0].request.url"),
        (
            {"request": {"method": "GET", "url": "Patient", "ifMatch": 1}},
            "Bundle.entry[0].request.ifMatch",
        ),
        (
            {"fullUrl": [], "request": {"method": "GET", "url": "Patient"}},
            "Bundle.entry[0].fullUrl",
        ),
        (
            {"request": {"method": "GET", "url": "Patient"}, "resource": 1},
            "Bundle.entry[0].resource",
        ),
        ({"request": {"method": "GET", "url": "Dragon/1"}}, "Bundle.entry[0].request.url"),
        ({"request": {"method": "GET", "url": "Patient/a b"}}, "Bundle.entry[0].request.url"),
        ({"request": {"method": "GET", "url": "a/b/c/d/e"}}, "Bundle.entry[0].request.url"),
        ({"request": {"method": "POST", "url": "Patient"}}, "Bundle.entry[0].resource"),
        ({"request": {"method": "DELETE", "url": "Patient"}}, "Bundle.entry[0].request.url"),
        (
            {"request": {"method": "DELETE", "url": "Patient/1/_history"}},
            "Bundle.entry[0].request.url",
        ),
        ({"request": {"method": "PATCH", "url": "Patient/1"}}, "Bundle.entry[0].resource"),
        (
            {
                "request": {"method": "PUT", "url": "Patient/a"},
                "resource": {"resourceType": "Patient"},
            },
            "Bundle.entry[0].resource.id",
        ),
    ],
)
def test_an_entry_that_makes_no_sense_is_named(ehr: Any, body: Any, entry: Any, at: str) -> None:
    answer = ehr.bundle("transaction", entry)

    assert (answer.status_code, body(answer)["issue"][0]["expression"]) == (400, [at])


@pytest.mark.parametrize(
    ("bundle", "at"),
    [
        ({"resourceType": "Patient"}, "resourceType"),
        ({"resourceType": "Bundle", "type": "collection"}, "Bundle.type"),
        ({"resourceType": "Bundle", "type": ["batch"]}, "Bundle.type"),
        ({"resourceType": "Bundle", "type": "batch", "entry": {}}, "Bundle.entry"),
    ],
)
def test_only_batches_and_transactions_go_to_the_base(
    ehr: Any, body: Any, bundle: Any, at: str
) -> None:
    answer = ehr.ask("POST", "", bundle)

    assert (answer.status_code, body(answer)["issue"][0]["expression"]) == (400, [at])


def test_an_empty_transaction_is_answered_empty(ehr: Any, body: Any) -> None:
    assert body(ehr.bundle("transaction")) == {
        "resourceType": "Bundle",
        "type": "transaction-response",
    }


def test_a_reference_by_search_may_hold_escapes(either: Any, make: Any, body: Any) -> None:
    """A comma in an identifier has a backslash before it, which JSON writes twice."""
    id_ = either.created(make.patient("a,b"))["id"]
    searched = {"reference": r"Patient?identifier=urn:example:mrn|a\,b"}
    made = make.observation(subject=searched)

    entry = body(either.bundle("transaction", make.entry("POST", "Observation", made)))["entry"][0]

    stored = body(either.get(f"/{entry['response']['location']}"))
    assert stored["subject"] == {"reference": f"Patient/{id_}"}
