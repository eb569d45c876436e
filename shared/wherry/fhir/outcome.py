"""What went wrong as an OperationOutcome. Source: FHIR R4, OperationOutcome."""

from wherry.errors import Failure
from wherry.resource import Resource


def outcome(issue: str, text: str, *, at: str = "", severity: str = "error") -> Resource:
    """An OperationOutcome with one issue; `at` is a FHIRPath such as Patient.birthDate."""
    entry: Resource = {"severity": severity, "code": issue, "details": {"text": text}}
    if at:
        entry["expression"] = [at]
    return {"resourceType": "OperationOutcome", "issue": [entry]}


def of_failure(failure: Failure) -> Resource:
    """The outcome of a Failure, whose text is safe to show."""
    return outcome(failure.kind.issue, failure.detail, at=failure.at)
