"""The index of a corpus becomes, for each message, what its authors' converter made of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wherry.codec import decode
from wherry.resource import Resource

INDEX = "acceptance_index.json"

# Counted in the index; which things are told apart in the others (Location, Organization,
# Practitioner) is each converter's own choice
CORE = (
    *("Patient", "RelatedPerson", "Encounter", "Account", "Coverage", "Observation"),
    *("DiagnosticReport", "Specimen", "ServiceRequest", "Condition", "AllergyIntolerance"),
    *("Procedure", "Immunization", "MedicationRequest", "MedicationDispense"),
    *("MedicationAdministration", "DocumentReference", "Appointment", "ChargeItem"),
)


@dataclass(frozen=True, slots=True)
class Golden:
    """What a message should become: how many of each type, and its observations."""

    counts: Mapping[str, int]
    observations: tuple[Resource, ...]


def goldens(root: Path) -> dict[str, Golden]:
    """By the message's path; empty when the folder has no index."""
    index = root / INDEX
    if not index.exists():
        return {}
    rows: list[dict[str, Any]] = json.loads(index.read_text())
    return {row["message"]: _golden(row, root) for row in rows}


def _golden(row: Mapping[str, Any], root: Path) -> Golden:
    # the index cuts values after some characters: the whole ones are in the bundle it points to
    expected = decode((root / row["expected"]).read_bytes())
    resources = [entry.get("resource", {}) for entry in expected.get("entry", ())]
    found = tuple(one for one in resources if one.get("resourceType") == "Observation")
    return Golden({type_: row["core_counts"].get(type_, 0) for type_ in CORE}, found)
