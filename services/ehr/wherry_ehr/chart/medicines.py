"""The few made-up orders that a tester can draft, as MedicationRequest resources."""

from dataclasses import dataclass
from datetime import datetime

from wherry.resource import Resource

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@dataclass(frozen=True, slots=True)
class Medicine:
    """One line of the order form. Source of codes: RxNorm ingredients."""

    code: str
    name: str
    dose: str

    @property
    def label(self) -> str:
        """As it is offered."""
        return f"{self.name}, {self.dose}"


MEDICINES = (
    Medicine("161", "Acetaminophen", "500 mg by mouth every 6 hours as needed"),
    Medicine("733", "Ampicillin", "2 g intravenously every 6 hours"),
    Medicine("4603", "Furosemide", "40 mg by mouth once a day"),
    Medicine("6809", "Metformin", "500 mg by mouth twice a day"),
    Medicine("11289", "Warfarin", "5 mg by mouth once a day"),
)
MAX_DOSE = 200


def medicine(code: str) -> Medicine | None:
    """The one of this code."""
    return next((each for each in MEDICINES if each.code == code), None)


def draft(
    chosen: Medicine, dose: str, *, patient: str, practitioner: str, encounter: str, now: datetime
) -> Resource:
    """An order that nobody signed yet. Source: FHIR R4 MedicationRequest."""
    made: Resource = {
        "resourceType": "MedicationRequest",
        "status": "draft",
        "intent": "order",
        "medicationCodeableConcept": {
            "coding": [{"system": RXNORM, "code": chosen.code, "display": chosen.name}],
            "text": chosen.name,
        },
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": now.isoformat(timespec="seconds"),
        "requester": {"reference": f"Practitioner/{practitioner}"},
        "dosageInstruction": [{"text": dose}],
    }
    if encounter:
        made["encounter"] = {"reference": f"Encounter/{encounter}"}
    return made
