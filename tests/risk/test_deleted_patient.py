"""A patient whom the FHIR server deleted is answered as one who never was there."""

from typing import Any

from wherry.codec import decode


def test_a_patient_who_was_deleted_is_no_patient(build: Any, make: Any) -> None:
    world = build(make.patient())
    entry = {"request": {"method": "DELETE", "url": "Patient/p-1"}}
    world.fhir.send({"resourceType": "Bundle", "type": "transaction", "entry": [entry]})

    answer = world.post({"patient": "p-1"})

    (issue,) = decode(answer.data)["issue"]
    assert (answer.status_code, issue["code"], issue["expression"]) == (
        404,
        "not-found",
        ["patient"],
    )
