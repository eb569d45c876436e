"""What a client sent is refused before anything is locked when it is not valid R4."""

from collections.abc import Callable

from wherry.codec import encode
from wherry.resource import Issue, Resource
from wherry_ehr.ask import Answer
from wherry_ehr.write.told import Told

Check = Callable[[Resource], list[Issue]]

MAX_ISSUES = 50


def problems_of(told: Told, type_: str, check: Check, *, within: str = "") -> list[Issue]:
    """Why this resource cannot be stored as `type_`; `within` is its place in a Bundle."""
    if told.resource.get("resourceType") != type_:
        found = [Issue(f"{type_}.resourceType", f"a {type_} is needed here")]
    else:
        found = [] if told.certain else check(told.resource)
    if not within:
        return found
    return [Issue(f"{within}.resource{_below(issue.at)}", issue.text) for issue in found]


def refusal(issues: list[Issue]) -> Answer:
    """422 with every issue, each with its element. Source: FHIR R4 http, 3.1.0.8.2."""
    return Answer(422, encode(issues_of(issues)).decode())


def issues_of(issues: list[Issue]) -> Resource:
    """The OperationOutcome that lists these."""
    listed = [
        {
            "severity": "error",
            "code": "invalid",
            "details": {"text": issue.text},
            **({"expression": [issue.at]} if issue.at else {}),
        }
        for issue in issues[:MAX_ISSUES]
    ]
    return {"resourceType": "OperationOutcome", "issue": listed}


def _below(at: str) -> str:
    _type, dot, rest = at.partition(".")
    return f"{dot}{rest}"
