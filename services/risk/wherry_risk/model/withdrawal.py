"""A RiskAssessment whose Observations were withdrawn becomes one that says so."""

from collections.abc import Set as AbstractSet

from wherry.resource import Resource
from wherry_risk.model.risk_assessment import IDENTIFIER

# Source: FHIR R4 observation-status, which RiskAssessment.status is bound to.
UNDONE = frozenset({"entered-in-error", "cancelled"})
NOTE = "Withdrawn: an observation that it rests on was withdrawn or marked as doubtful."
_OF_THE_SERVER = frozenset({"versionId", "lastUpdated"})


def rests_on(assessment: Resource, gone: AbstractSet[str], *, kept: AbstractSet[str]) -> bool:
    """Whether it is one of ours that still stands, not in `kept`, and built on one of `gone`.

    `gone` are references such as Observation/1, `kept` values of our identifier.
    """
    ours = [
        each.get("value")
        for each in assessment.get("identifier", [])
        if each.get("system") == IDENTIFIER
    ]
    if not ours or not kept.isdisjoint(ours) or assessment.get("status") in UNDONE:
        return False
    return any(_name(each) in gone for each in assessment.get("basis", []))


def withdrawal(assessment: Resource) -> Resource:
    """The same with the status entered-in-error and a note; what it said stays readable."""
    meta = {name: value for name, value in assessment["meta"].items() if name not in _OF_THE_SERVER}
    note = [*assessment.get("note", []), {"text": NOTE}]
    return {**assessment, "meta": meta, "status": "entered-in-error", "note": note}


def _name(reference: Resource) -> str:
    """Type/id of a relative, absolute or version-specific reference."""
    path = str(reference.get("reference", "")).partition("/_history/")[0]
    return "/".join(path.split("/")[-2:])
