"""What the suite's EHR holds: one patient, one clinician, one pulse; all of it is made up."""

import time
from typing import Any

Json = dict[str, Any]

PATIENT = "made-up-patient"
RESOURCES: dict[str, Json] = {
    f"Patient/{PATIENT}": {
        "resourceType": "Patient",
        "id": PATIENT,
        "name": [{"family": "Testperson", "given": ["Ada"]}],
    },
    "Practitioner/made-up-user": {
        "resourceType": "Practitioner",
        "id": "made-up-user",
        "name": [{"family": "Testclinician"}],
    },
}


def observations() -> list[Json]:
    """One value, ten minutes old."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))
    return [
        {
            "resourceType": "Observation",
            "id": "made-up-pulse",
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
            "subject": {"reference": f"Patient/{PATIENT}"},
            "effectiveDateTime": at,
            "valueQuantity": {"value": 126, "unit": "/min"},
        }
    ]
