"""Orders that a card may suggest, as drafts for a person to sign."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wherry.fhir.systems import LOINC
from wherry.resource import Resource


@dataclass(frozen=True, slots=True)
class Draft:
    """One order: what its button says, and what is ordered."""

    label: str
    text: str
    priority: str
    coding: Mapping[str, str] | None = None


# The texts are ours. Source of the code: LOINC 2524-7, lactate in serum or plasma
DRAFTS: Mapping[str, Draft] = {
    "clinical-review": Draft(
        "Request a review at the bedside",
        "Review at the bedside by a clinician of the treating team",
        "urgent",
    ),
    "repeat-lactate": Draft(
        "Order a lactate",
        "Lactate in serum or plasma",
        "urgent",
        {"system": LOINC, "code": "2524-7", "display": "Lactate [Moles/volume] in Serum or Plasma"},
    ),
    "repeat-observations": Draft(
        "Request vital signs again within an hour",
        "Full set of vital signs, repeated within one hour",
        "asap",
    ),
    "follow-up-call": Draft(
        "Plan a call two days after discharge",
        "Telephone call to the patient two days after discharge",
        "routine",
    ),
}


@dataclass(frozen=True, slots=True)
class Whom:
    """For whom an order is, in which stay, and who would sign it."""

    patient: str
    stay: str = ""
    user: str = ""


def suggestion(name: str, whom: Whom, uuid: str) -> dict[str, Any]:
    """One suggestion with its whole draft; none is recommended before another.

    Source: CDS Hooks 2.0, Suggestion, Action; FHIR R4, ServiceRequest.
    """
    draft = DRAFTS[name]
    return {
        "label": draft.label,
        "uuid": uuid,
        "actions": [
            {
                "type": "create",
                "description": f"Draft order: {draft.text}",
                "resource": _resource(draft, whom),
            }
        ],
    }


def _resource(draft: Draft, whom: Whom) -> Resource:
    code: dict[str, Any] = {"text": draft.text}
    if draft.coding:
        code = {"coding": [dict(draft.coding)], **code}
    made: dict[str, Any] = {
        "resourceType": "ServiceRequest",
        "status": "draft",
        "intent": "proposal",
        "priority": draft.priority,
        "code": code,
        "subject": {"reference": f"Patient/{whom.patient}"},
    }
    if whom.stay:
        made["encounter"] = {"reference": f"Encounter/{whom.stay}"}
    if whom.user.startswith(("Practitioner/", "PractitionerRole/")):
        made["requester"] = {"reference": whom.user}
    return made
