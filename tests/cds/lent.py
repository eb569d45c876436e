"""Calls that lend a FHIR server and a token, and what is gathered for them; all made up."""

from dataclasses import replace
from typing import Any

from wherry_cds.clients.client import LOCAL, Client
from wherry_cds.deadline import Deadline
from wherry_cds.gather import Record, gather
from wherry_cds.protocol.call import Call, parse
from wherry_cds.protocol.catalogue import EARLY_WARNING, Key

Body = dict[str, Any]
EHR, OWN = "https://ehr.example.org/fhir", "http://127.0.0.1:8100/fhir"
LABORATORY = Key(
    "laboratory",
    "Observation?patient={{context.patientId}}&category=laboratory",
    "Observation",
    many=True,
    required=False,
)
LAB_AT = "/Observation?patient=p-1&category=laboratory"
STAY = Key("stay", "Encounter/{{context.encounterId}}", "Encounter", many=False, required=False)
OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "x"}]}
ALL = "patient/*.rs"


class Rows:
    """Audit rows in memory."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, dict[str, str]]] = []

    def write(self, event: str, **ids: str) -> None:
        self.rows.append((event, ids))


def lend(body: Body, *, scope: str = ALL, server: str = EHR, **more: Any) -> None:
    body["fhirServer"] = server
    body["fhirAuthorization"] = {
        "access_token": "made-up-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": scope,
        "subject": "wherry",
        **more,
    }


def gathered(world: Any, body: Body, *keys: Key, client: Client = LOCAL, **changes: Any) -> Record:
    service = replace(EARLY_WARNING, keys=(*EARLY_WARNING.keys, *keys))
    call = parse(body, [service])
    assert isinstance(call, Call)
    deadline = Deadline(2.5, lambda: 0.0)
    return gather(call, client, replace(world.deps, **changes), deadline)
