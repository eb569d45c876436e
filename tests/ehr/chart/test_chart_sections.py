"""Problems, allergies, encounters, orders and documents of a chart."""

from typing import Any

SUBJECT = {"reference": "Patient/p-1"}
RECORD: list[dict[str, Any]] = [
    {
        "resourceType": "Condition",
        "id": "c-1",
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                    "code": "active",
                    "display": "Active",
                }
            ]
        },
        "code": {"text": "<b>Pneumonia</b>"},
        "subject": SUBJECT,
        "onsetDateTime": "2026-02-27T12:00:00Z",
        "meta": {"source": "urn:wherry:hl7:CLINIC:ADT#m"},
    },
    {
        "resourceType": "AllergyIntolerance",
        "id": "a-1",
        "clinicalStatus": {
            "coding": [
                {
                    "system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical",
                    "code": "active",
                }
            ]
        },
        "patient": SUBJECT,
        "code": {"text": "Penicillin"},
        "criticality": "high",
        "reaction": [{"manifestation": [{"text": "Rash"}]}],
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m-1",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Amoxicillin"},
        "subject": SUBJECT,
        "authoredOn": "2026-03-01T10:00:00Z",
        "dosageInstruction": [{"text": "500 mg"}],
        "requester": {"display": "Dr Test"},
    },
    {
        "resourceType": "MedicationRequest",
        "id": "m-2",
        "status": "entered-in-error",
        "intent": "order",
        "medicationCodeableConcept": {"text": "Wrong"},
        "subject": SUBJECT,
    },
    {
        "resourceType": "ServiceRequest",
        "id": "s-1",
        "status": "active",
        "intent": "order",
        "code": {"text": "Chest X-ray"},
        "subject": SUBJECT,
    },
    {
        "resourceType": "ServiceRequest",
        "id": "s-2",
        "status": "completed",
        "intent": "order",
        "code": {"text": "Done before"},
        "subject": SUBJECT,
    },
    {
        "resourceType": "DocumentReference",
        "id": "d-1",
        "status": "current",
        "type": {"text": "Admission note"},
        "subject": SUBJECT,
        "date": "2026-03-01T11:00:00Z",
        "description": "Invented",
        "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}],
    },
    {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "finished",
        "class": {"code": "IMP", "display": "inpatient"},
        "subject": SUBJECT,
        "period": {"start": "2026-02-01T12:00:00Z", "end": "2026-02-02T12:00:00Z"},
    },
]
API = "entered through the FHIR API"


def test_each_section_shows_what_it_is_with_time_age_and_origin(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient(), *RECORD)

    rows = {row[0]: row[1:] for row in sandbox.parsed("/chart/p-1").rows}

    ours = "HL7 feed, CLINIC, ADT"
    assert rows["<b>Pneumonia</b>"] == ["Active", "2026-02-27 12:00 UTC", "2 d ago", ours]
    assert rows["Penicillin"] == ["high", "Rash", "not recorded", "–", API]
    assert rows["Amoxicillin"] == [
        *("500 mg", "active", "Dr Test"),
        *("2026-03-01 10:00 UTC", "2 h ago", API),
    ]
    assert rows["Chest X-ray"][0] == "active"
    assert rows["Admission note"] == [
        *("Invented", "text/plain"),
        *("2026-03-01 11:00 UTC", "60 min ago", API),
    ]
    assert rows["inpatient"] == [
        *("finished", "not recorded", "2026-02-02 12:00 UTC"),
        *("2026-02-01 12:00 UTC", "28 d ago", API),
    ]
    assert not {"Wrong", "Done before"} & rows.keys()


def test_every_empty_section_says_so(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    page = sandbox.page("/chart/p-1")

    # encounter, vital signs, laboratory, and the six sections; risk has words of its own
    assert page.count("None stored.</p>") == 9
    assert "No score does not mean no risk" in page


def test_a_section_that_is_cut_says_so(sandbox: Any, made: Any) -> None:
    one = RECORD[0]
    sandbox.put(made.patient(), *({**one, "id": f"c-{n}"} for n in range(51)))

    page = sandbox.page("/chart/p-1")

    assert "Only 50 are shown; there are more." in page
