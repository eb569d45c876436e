"""FHIR R4 http.html, 3.1.0.11: batches and transactions."""

import base64
import json
from typing import Any

from tests.conformance.ehr.client import PATCH, Fhir, entry, fresh, observation, patient

URN = "urn:uuid:00000000-0000-4000-8000-00000000000"


def _condition(mark: str) -> str:
    return f"identifier=urn:example:conformance|{mark}"


def _statuses(answer: Any) -> list[str]:
    return [one["response"]["status"][:3] for one in answer.body["entry"]]


def test_a_transaction_puts_references_in(fhir: Fhir) -> None:
    """3.1.0.11.2: urn:uuid in references becomes the new address, wherever the entry stands."""
    mark = fresh()
    value = {**observation(mark, "x"), "subject": {"reference": f"{URN}1"}}

    answer = fhir.bundle(
        "transaction",
        {**entry("POST", "Observation", value), "fullUrl": f"{URN}2"},
        {**entry("POST", "Patient", patient(mark)), "fullUrl": f"{URN}1"},
    )

    assert (answer.body["type"], _statuses(answer)) == ("transaction-response", ["201", "201"])
    found = fhir.get(f"Observation?{_condition(mark)}&_include=Observation:subject")
    assert len(found.ids) == len(found.along) == 1


def test_a_transaction_is_all_or_nothing(fhir: Fhir) -> None:
    """3.1.0.11.2."""
    mark = fresh()
    dangling = {**observation(mark, "x"), "subject": {"reference": f"{URN}9"}}
    for bad in (
        entry("POST", "Patient", patient(fresh(), gender="unheard-of")),
        entry("PUT", f"Patient/{mark}", patient(mark, id=mark), ifMatch='W/"9"'),
        entry("DELETE", f"Patient/{mark}", ifMatch='W/"9"'),
        entry("GET", f"Patient/{fresh()}"),
        entry("POST", "Observation", dangling),
    ):
        answer = fhir.bundle("transaction", entry("POST", "Patient", patient(mark)), bad)
        assert 400 <= answer.status < 500
        assert answer.body["resourceType"] == "OperationOutcome"
    assert fhir.get(f"Patient?{_condition(mark)}").ids == []


def test_conditions_work_inside_a_transaction(fhir: Fhir) -> None:
    """3.1.0.11.2: ifNoneExist, conditional update and delete, conditional references."""
    mark, other = fresh(), fresh()
    fhir.create(patient(mark))
    fhir.create(patient(other))
    value = {**observation(mark, "x"), "subject": {"reference": f"Patient?{_condition(mark)}"}}

    answer = fhir.bundle(
        "transaction",
        entry("POST", "Patient", patient(fresh()), ifNoneExist=_condition(fresh())),
        entry("PUT", f"Patient?{_condition(mark)}", patient(mark, gender="male")),
        entry("DELETE", f"Patient?{_condition(other)}"),
        entry("POST", "Observation", value),
        entry("GET", f"Patient?{_condition(mark)}"),
    )

    assert _statuses(answer) == ["201", "200", "204", "201", "200"]
    assert answer.body["entry"][4]["resource"]["entry"][0]["resource"]["gender"] == "male"
    assert fhir.get(f"Patient?{_condition(other)}").ids == []


def test_a_reference_that_matches_none_or_many_refuses_the_transaction(fhir: Fhir) -> None:
    """3.1.0.11.2 (conditional references)."""
    mark = fresh()
    value = {**observation(mark, "x"), "subject": {"reference": f"Patient?{_condition(mark)}"}}

    none = fhir.bundle("transaction", entry("POST", "Observation", value))
    for _ in range(2):
        fhir.create(patient(mark))
    many = fhir.bundle("transaction", entry("POST", "Observation", value))

    assert 400 <= none.status < 500
    assert 400 <= many.status < 500
    assert fhir.get(f"Observation?{_condition(mark)}").ids == []


def test_one_resource_may_be_meant_once(fhir: Fhir) -> None:
    """3.1.0.11.2: overlapping identities refuse the transaction."""
    mark = fresh()
    id_ = fhir.create(patient(mark))["id"]

    answer = fhir.bundle(
        "transaction",
        entry("DELETE", f"Patient/{id_}"),
        entry("PUT", f"Patient?{_condition(mark)}", patient(mark)),
    )

    assert 400 <= answer.status < 500
    assert fhir.get(f"Patient/{id_}").status == 200


def test_a_patch_travels_as_a_binary(fhir: Fhir) -> None:
    """3.1.0.11.2, 3.1.0.6."""
    made = fhir.create(patient(fresh()))
    operations = [{"op": "add", "path": "/gender", "value": "female"}]
    data = base64.b64encode(json.dumps(operations).encode()).decode()
    binary = {"resourceType": "Binary", "contentType": PATCH, "data": data}
    tag = f'W/"{made["meta"]["versionId"]}"'

    for status in ("200", "412"):
        answer = fhir.bundle(
            "transaction", entry("PATCH", f"Patient/{made['id']}", binary, ifMatch=tag)
        )
        assert (_statuses(answer) if answer.status == 200 else [str(answer.status)]) == [status]
    assert fhir.get(f"Patient/{made['id']}").body["gender"] == "female"


def test_each_entry_of_a_batch_is_for_itself(fhir: Fhir) -> None:
    """3.1.0.11.1: answers stand in the order of the entries."""
    mark = fresh()
    made = fhir.create(patient(mark))

    answer = fhir.bundle(
        "batch",
        entry("GET", f"Patient/{made['id']}"),
        entry("POST", "Patient", patient(fresh(), gender="unheard-of")),
        entry("GET", f"Patient?{_condition(mark)}"),
        entry("GET", "Patient?colour=red"),
        entry("GET", "Dragon/1"),
        entry("GET", f"Patient/{made['id']}/_history"),
        entry("POST", "Patient", patient(fresh())),
        entry("GET", f"Patient/{made['id']}", ifNoneMatch=f'W/"{made["meta"]["versionId"]}"'),
    )

    assert answer.body["type"] == "batch-response"
    assert _statuses(answer) == ["200", "422", "200", "400", "400", "200", "201", "304"]
    outcome = answer.body["entry"][1]["response"]["outcome"]
    assert outcome["resourceType"] == "OperationOutcome"


def test_the_same_transaction_twice_changes_nothing(fhir: Fhir) -> None:
    mark = fresh()
    one = entry("PUT", f"Patient?{_condition(mark)}", patient(mark))

    first = fhir.bundle("transaction", one).body["entry"][0]["response"]
    second = fhir.bundle("transaction", one).body["entry"][0]["response"]

    assert (first["status"][:3], second["status"][:3]) == ("201", "200")
    assert first["etag"] == second["etag"]
