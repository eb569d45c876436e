"""A proposal that a person chose becomes a draft ServiceRequest; nothing orders by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.systems import LOINC
from wherry.resource import Resource

OWN = "urn:wherry:smart:order"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What may be proposed, in the words of an order; a code where LOINC has one."""

    text: str
    code: str = ""
    display: str = ""


# Source: what NEWS2 (RCP 2017) asks for at its tiers; LOINC 2.78
PROPOSALS: Mapping[str, Proposal] = {
    "review": Proposal("Urgent review by a clinician with competencies in acute illness"),
    "observations": Proposal(
        "Vital signs at least every hour",
        "85353-1",
        "Vital signs, weight, height, head circumference, oxygen saturation and BMI panel",
    ),
    "lactate": Proposal("Lactate in blood", "2524-7", "Lactate [Moles/volume] in Serum or Plasma"),
}


def proposal(name: str) -> Proposal:
    """The proposal of this name. Raises: Failure(INVALID)."""
    if name not in PROPOSALS:
        raise Failure(Kind.INVALID, "there is no such proposal", at="order")
    return PROPOSALS[name]


def draft(
    chosen: Proposal,
    *,
    patient: str,
    encounter: str,
    person: str,
    key: str,
    note: str,
    now: datetime,
) -> Resource:
    """A draft: in the EHR somebody has to sign it. Source: FHIR R4 ServiceRequest."""
    coding = [{"system": LOINC, "code": chosen.code, "display": chosen.display}]
    request: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": OWN, "value": key}],
        "status": "draft",
        "intent": "proposal",
        "code": {**({"coding": coding} if chosen.code else {}), "text": chosen.text},
        "subject": {"reference": f"Patient/{patient}"},
        "authoredOn": now.isoformat(timespec="seconds"),
    }
    if encounter:
        request["encounter"] = {"reference": f"Encounter/{encounter}"}
    if person.startswith(("Practitioner/", "PractitionerRole/")):
        request["requester"] = {"reference": person}
    if note:
        request["note"] = [{"text": note}]
    return request
