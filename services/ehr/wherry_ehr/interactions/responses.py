"""Answers become entries of a batch-response or transaction-response Bundle."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from wherry.codec import encode
from wherry.errors import Failure
from wherry.fhir.outcome import outcome
from wherry_ehr.ask import Answer
from wherry_ehr.store.sql_store import View

# Source: FHIR R4 http, 3.1.0.1.9 (Prefer: return)
MINIMAL, WHOLE, OUTCOME = (
    "return=minimal",
    "return=representation",
    "return=OperationOutcome",
)

_OUTCOME = '{"resourceType":"OperationOutcome"'
_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def response_bundle(type_: str, answers: Sequence[Answer]) -> Answer:
    """The Bundle with one entry for each answer, in order."""
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": f"{type_}-response"}
    if answers:
        bundle["entry"] = [_entry(answer) for answer in answers]
    return Answer(200, encode(bundle).decode())


def failed(failure: Failure) -> Answer:
    """What one entry of a batch is told when it could not be done."""
    body = outcome(failure.kind.issue, failure.detail, at=failure.at)
    return Answer(failure.kind.http, encode(body).decode())


def preferred(answer: Answer, view: View, prefer: frozenset[str], *, otherwise: str) -> Answer:
    """The answer to a write with the body that the client prefers; `otherwise` without a wish."""
    wish = next((one for one in (MINIMAL, WHOLE, OUTCOME) if one in prefer), f"return={otherwise}")
    if wish == OUTCOME:
        status = 200 if answer.status == 204 else answer.status
        said = outcome("informational", _DONE[answer.status], severity="information")
        return answer._replace(status=status, body=encode(said).decode())
    return represented(answer, view) if wish == WHOLE else answer


def represented(answer: Answer, view: View) -> Answer:
    """The answer with the resource as it is stored now."""
    version = answer.version
    found = view.read(version.type, version.id) if version else None
    return answer._replace(body=found.body) if found else answer


_DONE = {200: "stored, or stored already", 201: "created", 204: "it is not there any more"}


def _entry(answer: Answer) -> dict[str, Any]:
    response: dict[str, Any] = {"status": _LINES[answer.status]}
    if version := answer.version:
        if answer.status in {200, 201}:
            response["location"] = version.location
        response["etag"] = version.etag
        response["lastModified"] = version.instant
    if not answer.body:
        return {"response": response}
    resource = msgspec.Raw(answer.body.encode())
    if answer.status >= 400 or answer.body.startswith(_OUTCOME):
        return {"response": {**response, "outcome": resource}}
    return {"resource": resource, "response": response}
