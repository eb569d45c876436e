"""What came in is counted against what came out: a segment that got lost is a warning."""

from collections.abc import Mapping

from wherry_hl7.mapping.plan import Plan
from wherry_hl7.translate.draft import Draft
from wherry_hl7.translate.scope import Scope

# What each segment becomes one of, where a plan translates it at all.
COUNTED: Mapping[str, str] = {
    "AL1": "AllergyIntolerance",
    "DG1": "Condition",
    "FT1": "ChargeItem",
    "IAM": "AllergyIntolerance",
    "IN1": "Coverage",
    "NK1": "RelatedPerson",
    "OBX": "Observation",
    "PID": "Patient",
    "PR1": "Procedure",
    "PRB": "Condition",
    "RXA": "Immunization",
    "SCH": "Appointment",
    "SPM": "Specimen",
    "TXA": "DocumentReference",
}


def count(plan: Plan, draft: Draft, scope: Scope) -> None:
    """Warn of each kind of segment of which more came than there are resources of its type.

    Those that a function says it has taken elsewhere (`scope.joined`) are not missing: lines of one
    text, facts about a vaccination that have their place in the Immunization.
    """
    sent: dict[str, int] = {}
    for segment in scope.message.segments:
        if segment.name in COUNTED:
            sent[segment.name] = sent.get(segment.name, 0) + 1
    if not sent:
        return
    made: dict[str, int] = {}
    for entry in draft.entries:
        type_ = entry["resource"]["resourceType"]
        made[type_] = made.get(type_, 0) + 1
    for name, number in sent.items():
        if not plan.makes(name, COUNTED[name]):
            continue
        there = made.get(COUNTED[name], 0)
        if there + scope.joined.get(name, 0) < number:
            scope.warn(name, f"{number} of these became {there} {COUNTED[name]}")
