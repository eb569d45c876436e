"""Made-up people and measurements that the suite puts into the server."""

from hashlib import sha256
from typing import Any

STATE = "state-0123456789-abcdef-0123456789"
VERIFIER = "suite-verifier-" + "0123456789" * 4

ADA, BEN = "suite-ada", "suite-ben"
VISIT = "suite-visit"
LAB, VITAL, OTHER = "suite-lab", "suite-vital", "suite-other"

CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
VITALS = f"category={CATEGORY}|vital-signs"
LABS = f"category={CATEGORY}|laboratory"


def digest(secret: str) -> str:
    """What is registered of a secret."""
    return sha256(secret.encode()).hexdigest()


def patient(id_: str, family: str) -> dict[str, Any]:
    """A made-up patient."""
    return {"resourceType": "Patient", "id": id_, "name": [{"family": f"{family}-Suite"}]}


def observation(id_: str, of: str, category: str = "vital-signs") -> dict[str, Any]:
    """A made-up measurement."""
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "code": {"text": "Made up"},
        "subject": {"reference": f"Patient/{of}"},
    }


def encounter(id_: str, of: str) -> dict[str, Any]:
    """A made-up visit."""
    return {
        "resourceType": "Encounter",
        "id": id_,
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{of}"},
    }


def condition(id_: str, of: str) -> dict[str, Any]:
    """A made-up problem."""
    return {
        "resourceType": "Condition",
        "id": id_,
        "code": {"text": "Made up"},
        "subject": {"reference": f"Patient/{of}"},
    }


RESOURCES = (
    patient(ADA, "Alder"),
    patient(BEN, "Birch"),
    encounter(VISIT, ADA),
    encounter("suite-visit-ben", BEN),
    observation(LAB, ADA, "laboratory"),
    observation(VITAL, ADA),
    observation(OTHER, BEN),
    condition("suite-problem", ADA),
)
