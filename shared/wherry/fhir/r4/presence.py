"""Invariants of R4 that ask only which elements are there: a table, and what it forbids."""

from collections.abc import Callable, Mapping, Set
from functools import cache
from typing import NamedTuple

from wherry.fhir.r4.tables import type_


class Presence(NamedTuple):
    """One invariant: its key, what it expects in words, and whether a set of elements keeps it."""

    key: str
    expected: str
    holds: Callable[[Set[str]], bool]


def needs(key: str, element: str, other: str) -> Presence:
    """`element` only together with `other`."""
    return Presence(
        key, f"{element} needs {other}", lambda there: element not in there or other in there
    )


def not_both(key: str, one: str, other: str) -> Presence:
    """At most one of the two."""
    return Presence(
        key,
        f"expected {one} or {other}, not both",
        lambda there: not (one in there and other in there),
    )


def together(key: str, one: str, other: str) -> Presence:
    """Both or neither."""
    return Presence(
        key,
        f"expected both {one} and {other}, or neither",
        lambda there: (one in there) == (other in there),
    )


def any_of(key: str, *elements: str) -> Presence:
    """At least one."""
    return Presence(
        key,
        f"expected at least one of {', '.join(elements)}",
        lambda there: not there.isdisjoint(elements),
    )


def one_of(key: str, *elements: str) -> Presence:
    """Exactly one."""
    return Presence(
        key,
        f"expected exactly one of {', '.join(elements)}",
        lambda there: sum(name in there for name in elements) == 1,
    )


# FHIR R4 4.0.1, constraints of severity "error" in the definitions of these types.
_INVARIANTS: Mapping[str, tuple[Presence, ...]] = {
    "Appointment": (together("app-2", "start", "end"),),
    "Appointment.participant": (any_of("app-1", "type", "actor"),),
    "AppointmentResponse": (any_of("apr-1", "participantType", "actor"),),
    "Attachment": (needs("att-1", "data", "contentType"),),
    "Bundle.entry": (any_of("bdl-5", "resource", "request", "response"),),
    "CapabilityStatement": (
        any_of("cpb-1", "rest", "messaging", "document"),
        any_of("cpb-2", "description", "software", "implementation"),
    ),
    "CarePlan.activity": (not_both("cpl-3", "detail", "reference"),),
    "Composition.section": (
        any_of("cmp-1", "text", "entry", "section"),
        not_both("cmp-2", "emptyReason", "entry"),
    ),
    "Condition.evidence": (any_of("con-2", "code", "detail"),),
    "Condition.stage": (any_of("con-1", "summary", "assessment"),),
    "Consent": (any_of("ppc-1", "policy", "policyRule"),),
    "ContactPoint": (needs("cpt-2", "value", "system"),),
    "Expression": (any_of("exp-1", "expression", "reference"),),
    "Extension": (one_of("ext-1", "extension", "value[x]"),),
    "FamilyMemberHistory": (
        not_both("fhs-1", "age[x]", "born[x]"),
        needs("fhs-2", "estimatedAge", "age[x]"),
    ),
    "Goal.target": (needs("gol-1", "detail[x]", "measure"),),
    "Immunization.education": (any_of("imm-1", "documentType", "reference"),),
    "ImmunizationRecommendation.recommendation": (any_of("imr-1", "vaccineCode", "targetDisease"),),
    "List": (not_both("lst-1", "emptyReason", "entry"),),
    "MedicationAdministration.dosage": (any_of("mad-1", "dose", "rate[x]"),),
    "Observation": (not_both("obs-6", "dataAbsentReason", "value[x]"),),
    "Observation.referenceRange": (any_of("obs-3", "low", "high", "text"),),
    "Organization": (any_of("org-1", "identifier", "name"),),
    "Parameters.parameter": (one_of("inv-1", "value[x]", "resource", "part"),),
    "Patient.contact": (any_of("pat-1", "name", "telecom", "address", "organization"),),
    "Quantity": (needs("qty-3", "code", "system"),),
    "QuestionnaireResponse.item": (not_both("qrs-1", "answer", "item"),),
    "Ratio": (
        together("rat-1", "numerator", "denominator"),
        any_of("rat-1", "numerator", "extension"),
    ),
    "ServiceRequest": (needs("prr-1", "orderDetail", "code"),),
    "SimpleQuantity": (needs("qty-3", "code", "system"),),
    "Timing.repeat": (
        needs("tim-1", "duration", "durationUnit"),
        needs("tim-2", "period", "periodUnit"),
        needs("tim-6", "periodMax", "period"),
        needs("tim-7", "durationMax", "duration"),
        needs("tim-8", "countMax", "count"),
        not_both("tim-10", "timeOfDay", "when"),
    ),
    "ValueSet.compose.include": (
        any_of("vsd-1", "valueSet", "system"),
        not_both("vsd-3", "concept", "filter"),
    ),
}


@cache
def presence_of(type_name: str) -> tuple[Presence, ...]:
    """The invariants of this type and of those it inherits from."""
    lineage = type_(type_name).lineage
    return tuple(rule for name in lineage for rule in _INVARIANTS.get(name, ()))
