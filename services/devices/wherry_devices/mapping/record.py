"""The record of how readings became FHIR: who measured, by which rules, out of which payload."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wherry.fhir.systems import PROVENANCE_AGENT, ours
from wherry.resource import Entry, Reference, Resource
from wherry_devices.mapping.template import Template


@dataclass(frozen=True, slots=True)
class Payload:
    """The message that readings came in: its SHA-256 and when it was received."""

    digest: str
    received_at: datetime


def provenance(
    id_: str, told: Sequence[Entry], template: Template, source: str, payload: Payload
) -> Resource:
    """Who measured, what turned it into FHIR by which rules, and out of which payload."""
    rules = f"{template.id} {template.version} sha256:{template.digest}"
    return {
        "resourceType": "Provenance",
        "id": id_,
        "meta": {"source": source},
        "target": [{"reference": entry["fullUrl"]} for entry in told],
        "recorded": payload.received_at.isoformat(),
        "agent": [
            _agent("author", {"type": "Organization", "display": template.title}),
            _agent(
                "assembler",
                {
                    "type": "Device",
                    "identifier": {"system": ours("devices", "template"), "value": rules},
                    "display": "Wherry devices",
                },
            ),
        ],
        "entity": [
            {
                "role": "source",
                "what": {
                    "identifier": {
                        "system": ours("devices", template.id, "payload"),
                        "value": f"sha256:{payload.digest}",
                    },
                    "display": template.title,
                },
            }
        ],
    }


def _agent(role: str, who: Reference) -> Resource:
    return {"type": {"coding": [{"system": PROVENANCE_AGENT, "code": role}]}, "who": who}
