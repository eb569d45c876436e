"""Answers become entries of a batch-response or transaction-response Bundle."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec

from wherry.codec import encode
from wherry.errors import Failure
from wherry.web.outcome import outcome
from wherry_ehr.ask import Answer

_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


def response_bundle(type_: str, answers: Sequence[Answer | msgspec.Raw]) -> Answer:
    """The Bundle with one entry for each answer, in order; what is raw is an entry already."""
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": f"{type_}-response"}
    if answers:
        bundle["entry"] = [
            answer if isinstance(answer, msgspec.Raw) else _entry(answer) for answer in answers
        ]
    return Answer(200, encode(bundle).decode())


def failed(failure: Failure) -> Answer:
    """What one entry of a batch is told when it could not be done."""
    body = outcome(failure.kind.issue, failure.detail, at=failure.at)
    return Answer(failure.kind.http, encode(body).decode())


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
    if answer.status >= 400:
        return {"response": {**response, "outcome": resource}}
    return {"resource": resource, "response": response}
