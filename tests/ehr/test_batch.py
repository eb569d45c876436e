"""Batches: each entry for itself; look-ups answered together as they would be alone."""

from typing import Any


def test_each_entry_succeeds_or_fails_for_itself(either: Any, make: Any, body: Any) -> None:
    answer = body(
        either.bundle(
            "batch",
            make.entry("PUT", "Patient/p", make.patient(id="p")),
            make.entry("POST", "Patient", make.patient(birthDate="soon")),
            make.entry("GET", "Patient/p"),
            make.entry("GET", "Patient/nobody"),
            make.entry("GET", "Patient?colour=red"),
            make.entry("GET", "Dragon/1"),
        )
    )

    assert answer["type"] == "batch-response"
    assert [entry["response"]["status"] for entry in answer["entry"]] == [
        "201 Created",
        "422 Unprocessable Entity",
        "200 OK",
        "404 Not Found",
        "400 Bad Request",
        "400 Bad Request",
    ]
    assert answer["entry"][2]["resource"]["id"] == "p"
    outcomes = [entry["response"]["outcome"]["issue"][0]["code"] for entry in answer["entry"][3:]]
    assert outcomes == ["not-found", "invalid", "invalid"]


def test_a_batch_that_is_no_valid_bundle_is_refused_as_a_whole(
    ehr: Any, make: Any, body: Any
) -> None:
    answer = ehr.bundle(
        "batch", make.entry("PUT", "Patient/p", make.patient(id="p")), make.entry("FLY", "x")
    )

    assert answer.status_code == 400
    assert body(answer)["issue"][0]["expression"] == ["Bundle.entry[1].request.method"]
    assert ehr.found("/Patient") == []


def test_identifier_searches_together_find_what_each_finds_alone(
    either: Any, make: Any, body: Any
) -> None:
    for value in ("1", "2", "2"):
        either.created(make.patient(value))
    either.created(
        {
            "resourceType": "Patient",
            "identifier": [{"value": "1"}, {"system": "urn:other", "value": "1"}],
        }
    )
    searches = [
        "identifier=urn:example:mrn|1",
        "identifier=urn:example:mrn%7C2",
        "identifier=1",
        "identifier=|1",
        "identifier=urn:example:mrn|1,urn:example:mrn|2,urn:other|1",
        "identifier=urn:example:mrn|",
        "identifier=nothing",
        "identifier=urn:example:mrn|1&_count=1",
    ]

    answer = body(
        either.bundle("batch", *(make.entry("GET", f"Patient?{one}") for one in searches))
    )

    together = [
        [entry["resource"]["id"] for entry in one["resource"].get("entry", [])]
        for one in answer["entry"]
    ]
    assert together == [either.found(f"/Patient?{one}") for one in searches]
    assert [len(one) for one in together] == [1, 2, 2, 1, 4, 3, 0, 1]


def test_searches_with_a_page_size_find_together_what_each_finds_alone(
    either: Any, make: Any, body: Any
) -> None:
    for value in ("1", "2", "2", "3"):
        either.created(make.patient(value))
    ids = sorted(either.found("/Patient"))
    assert either.ask("DELETE", f"/Patient/{ids[3]}").status_code == 204
    searches = [
        "identifier=urn:example:mrn%7C1,urn:example:mrn%7C2&_count=6",
        "identifier=urn:example:mrn%7C1,urn:example:mrn%7C2&_count=3",
        "identifier=urn:example:mrn%7C1,urn:example:mrn%7C2&_count=2",
        "identifier=urn:example:mrn%7C2&_count=0",
        "identifier=urn:example:mrn%7C3&_count=2",
        f"_id={ids[0]}&_count=2",
        f"_id={ids[2]},{ids[1]},nobody&_count=6",
        f"_id={ids[2]},{ids[1]}&_count=1",
        f"_id={ids[3]}",
    ]

    answer = body(
        either.bundle("batch", *(make.entry("GET", f"Patient?{one}") for one in searches))
    )

    for search, entry in zip(searches, answer["entry"], strict=True):
        alone, found = body(either.get(f"/Patient?{search}")), entry["resource"]
        assert (found["total"], _ids(found)) == (alone["total"], _ids(alone)), search
        relations = [{link["relation"] for link in one["link"]} for one in (found, alone)]
        assert relations[0] == relations[1], search
    totals = [entry["resource"]["total"] for entry in answer["entry"]]
    assert totals == [3, 3, 3, 2, 0, 1, 2, 2, 0]


def _ids(page: Any) -> list[str]:
    return [entry["resource"]["id"] for entry in page.get("entry", [])]


def test_hundreds_of_identifiers_are_looked_up_in_one_entry_or_many(
    either: Any, make: Any, body: Any
) -> None:
    values = [f"v{n}" for n in range(450)]
    puts = (
        make.entry("PUT", f"Patient?identifier=urn:example:mrn|{one}", make.patient(one))
        for one in values
    )
    assert either.bundle("transaction", *puts).status_code == 200

    many = body(
        either.bundle(
            "batch",
            *(make.entry("GET", f"Patient?identifier=urn:example:mrn|{one}") for one in values),
            make.entry(
                "GET", "Patient?identifier=" + ",".join(f"urn:example:mrn|{one}" for one in values)
            ),
        )
    )

    totals = [entry["resource"]["total"] for entry in many["entry"]]
    assert totals == [1] * 450 + [450]


def test_a_type_without_identifiers_refuses_to_be_searched_by_one(
    ehr: Any, make: Any, body: Any
) -> None:
    answer = body(ehr.bundle("batch", make.entry("GET", "Provenance?identifier=a|b")))

    assert answer["entry"][0]["response"]["status"] == "400 Bad Request"
