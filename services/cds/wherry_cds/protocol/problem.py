"""Things that are wrong with a request, together as one OperationOutcome."""

from collections.abc import Sequence
from dataclasses import dataclass

from wherry.resource import Resource

# Source: FHIR R4 issue-type: the content breaks a rule of the business, here of identity
ANOTHER_PATIENT = "business-rule"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong; `at` is a path in the request and `text` repeats no value of it."""

    at: str
    text: str
    code: str = "value"


def outcome(problems: Sequence[Problem]) -> Resource:
    """An OperationOutcome with one issue per problem.

    Source: CDS Hooks 3.0 ballot, HTTP status codes; FHIR R4 issue-type.
    """
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": problem.code,
                "details": {"text": f"{problem.at} {problem.text}"},
                "expression": [problem.at],
            }
            for problem in problems
        ],
    }
