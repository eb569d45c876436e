"""A made-up patient with a hostile name, and a card about them."""

from collections.abc import Mapping
from typing import Any

EVIL = "<img src=x onerror=alert(1)>"

PROBLEM = {
    "resourceType": "Condition",
    "code": {"text": "Sepsis suspected"},
    "subject": {"reference": "Patient/p-1"},
}
CARD = {
    "uuid": "11111111-1111-4111-8111-111111111111",
    "summary": f"Consider sepsis {EVIL}",
    "indicator": "critical",
    "detail": "| Measurement | Value |\n|---|---|\n| Heart rate | 126 /min |",
    "source": {"label": "Test service", "url": "https://example.org/"},
    "links": [{"label": "Open the app", "url": "http://127.0.0.1:9/launch", "type": "smart"}],
    "selectionBehavior": "any",
    "suggestions": [
        {
            "label": "Add the problem",
            "uuid": "22222222-2222-4222-8222-222222222222",
            "actions": [{"type": "create", "description": "Add it", "resource": PROBLEM}],
        }
    ],
}
RECORD: tuple[Mapping[str, Any], ...] = (
    {
        "resourceType": "Patient",
        "id": "p-1",
        "identifier": [{"system": "urn:example:mrn", "value": "MRN-77"}],
        "name": [{"family": f"Testperson {EVIL}", "given": ["Ada"]}],
        "birthDate": "1951-03-02",
    },
    {
        "resourceType": "Encounter",
        "id": "e-1",
        "status": "in-progress",
        "class": {"code": "IMP", "display": "inpatient"},
        "subject": {"reference": "Patient/p-1"},
    },
    {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "laboratory",
                    }
                ]
            }
        ],
        "code": {"text": "Potassium"},
        "subject": {"reference": "Patient/p-1"},
        "effectiveDateTime": "2026-03-01T11:30:00Z",
        "valueQuantity": {"value": 6, "unit": "mmol/L"},
        "interpretation": [{"text": "High"}],
        "referenceRange": [{"text": "3.5 – 5.1"}],
    },
)
