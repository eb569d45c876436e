"""The answer about a resource that was deleted."""

from wherry.codec import encode
from wherry.fhir.outcome import outcome
from wherry_ehr.ask import Answer
from wherry_ehr.store.rows import Found


def gone(found: Found) -> Answer:
    """410 with the version that deleted it. Source: FHIR R4 http, 3.1.0.2."""
    body = encode(outcome("deleted", "the resource was deleted", at=found.type)).decode()
    return Answer(410, body, found.version)
