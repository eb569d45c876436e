"""PV1, with what EVN, PV2 and PID add to it, becomes an Encounter known by its visit number."""

from dataclasses import dataclass
from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import ACT_CODE, NULL_FLAVOR, PARTICIPATION, SOURCE_VALUE, v2_table
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.translate import people
from wherry_hl7.translate.codes import concept, token
from wherry_hl7.translate.identifiers import of_cx
from wherry_hl7.translate.places import facility, location, organization
from wherry_hl7.translate.scope import Scope

_MAPPED = frozenset(
    {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19, 36, 38, 39, 44, 45, 50, 52}
)
_PV2_MAPPED = frozenset({3})

# Source: HL7 v2-to-FHIR, PatientClass[EncounterClass]; table 0004 codes that are no v3 class stay.
_CLASS = {
    "I": (ACT_CODE, "IMP", "inpatient encounter"),
    "O": (ACT_CODE, "AMB", "ambulatory"),
    "E": (ACT_CODE, "EMER", "emergency"),
    "P": (ACT_CODE, "PRENC", "pre-admission"),
    "R": (v2_table("0004"), "R", "Recurring patient"),
    "B": (v2_table("0004"), "B", "Obstetrics"),
    "C": (v2_table("0004"), "C", "Commercial Account"),
    "N": (v2_table("0004"), "N", "Not Applicable"),
    "U": (v2_table("0004"), "U", "Unknown"),
}

# Source: HL7 v2-to-FHIR, Event[EncounterStatus]; A04 is an arrival in most feeds, not a plan.
_STATUS_OF_EVENT = {
    "A01": "in-progress",
    "A02": "in-progress",
    "A03": "finished",
    "A04": "in-progress",
}
# Source: HL7 v2-to-FHIR, PatientClass[EncounterStatus]
_STATUS_OF_CLASS = {"P": "planned", **dict.fromkeys("EIORBCN", "in-progress")}

_STARTS = frozenset({"A01", "A04"})
_MOVES = frozenset({"A01", "A02", "A04"})

# Source: HL7 v2-to-FHIR, Segment PV1 to Encounter; v3-ParticipationType
_PARTICIPANTS = (
    (7, "ATND", "attender"),
    (8, "REF", "referrer"),
    (9, "CON", "consultant"),
    (17, "ADM", "admitter"),
    (52, "PART", "Participation"),
)
# Source: HL7 v2-to-FHIR, Segment PV1 to Encounter; the tables of the fields in v2.5.1 §3.4.3
_HOSPITALIZATION = (
    ("reAdmission", 13, "0092", False),
    ("admitSource", 14, "0023", False),
    ("specialArrangement", 15, "0009", True),
    ("specialCourtesy", 16, "0099", True),
    ("dischargeDisposition", 36, "0112", False),
    ("dietPreference", 38, "0114", True),
)
_DELETES = {
    10: ("serviceType",), 13: ("hospitalization.reAdmission",),
    14: ("hospitalization.admitSource",), 36: ("hospitalization.dischargeDisposition",),
    39: ("serviceProvider",), 44: ("period.start",), 45: ("period.end",),
    **{number: (f"participant:{code}",) for number, code, _ in _PARTICIPANTS},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Visit:
    """An Encounter, its identifier, what the message takes back and what only fills gaps."""

    resource: Resource
    prime: Identifier
    deletes: tuple[str, ...]
    weak: tuple[str, ...]


def visit(
    pv1: Segment,
    pid: Segment | None,
    *,
    subject: Reference | None,
    event: str,
    happened: str,
    scope: Scope,
) -> Visit:
    """Translate one PV1; `happened` is the raw time of the event and `event` its trigger.

    Status: PV1-45, else the trigger, else the patient class, and that last one is weak.
    Source: HL7 v2-to-FHIR, Segment PV1 to Encounter.
    """
    scope.take(pv1, _MAPPED)
    prime, also = _identifiers(pv1, pid, scope)
    status, weak = _status(pv1, event)
    elements: dict[str, Any] = {
        "identifier": [prime, *also],
        "status": status,
        "class": _class(pv1, scope),
    }
    if subject:
        elements["subject"] = subject
    if elements["class"]["code"] == "UNK":
        weak += ("class",)
    _say_kind(elements, pv1, scope)
    if participants := _participants(pv1, scope):
        elements["participant"] = participants
    if period := _period(pv1, event, happened, scope):
        elements["period"] = period
    if stay := _hospitalization(pv1, scope):
        elements["hospitalization"] = stay
    if places := _locations(pv1, event, happened, status, scope):
        elements["location"] = places
    if provider := organization(pv1[39].first, scope) or facility(pv1[3].first, scope):
        elements["serviceProvider"] = provider
    if pid and (account := of_cx(pid[18].first, scope, "PID-18", unnamed="account")):
        elements["account"] = [{"type": "Account", "identifier": account}]
    deletes = [path for n, paths in _DELETES.items() if pv1.field(n) == '""' for path in paths]
    return Visit(scope.stamped("Encounter", elements), prime, tuple(deletes), weak)


def add_reason(visit: Visit, pv2: Segment, scope: Scope) -> None:
    """Set the reason for the visit from PV2-3."""
    scope.take(pv2, _PV2_MAPPED)
    if reason := concept(pv2[3].first, scope):
        visit.resource["reasonCode"] = [reason]


def _identifiers(
    pv1: Segment, pid: Segment | None, scope: Scope
) -> tuple[Identifier, list[Identifier]]:
    """Visit number, else alternate visit id, else account and admission time, else this message."""
    found = [
        one
        for number, unnamed in ((19, "visit"), (50, "visit-alternate"))
        for rep in pv1[number].reps
        if (one := of_cx(rep, scope, f"PV1-{number}", unnamed=unnamed, type_=_VISIT_NUMBER))
    ]
    if found:
        return found[0], found[1:]
    account, admitted = pid.text(18).strip() if pid else "", pv1.text(44).strip()
    if account and admitted:
        value = key(account, admitted)
        return {"system": scope.own("visit-of-account"), "value": value}, []
    scope.warn("PV1-19", "no visit number; this visit is known by its message only")
    return {"system": scope.own("visit-of-message"), "value": scope.message_key}, []


_VISIT_NUMBER = "VN"


def _status(pv1: Segment, event: str) -> tuple[str, tuple[str, ...]]:
    if pv1.text(45):
        return "finished", ()
    if said := _STATUS_OF_EVENT.get(event):
        return said, ()
    return _STATUS_OF_CLASS.get(pv1.text(2).strip().upper(), "unknown"), ("status",)


def _period(pv1: Segment, event: str, happened: str, scope: Scope) -> Resource:
    """PV1-44 and PV1-45; the event's own time where it is the start or the end itself."""
    start, end = pv1.text(44), pv1.text(45)
    return scope.period(
        start or (happened if event in _STARTS else ""),
        end or (happened if event == "A03" else ""),
        "PV1-44" if start else "EVN-2",
        "PV1-45" if end else "EVN-2",
    )


def _class(pv1: Segment, scope: Scope) -> dict[str, Any]:
    """The class, with what was sent beside it; what is not in the table is never guessed."""
    said = token(pv1.text(2))
    if known := _CLASS.get(said.upper()):
        system, code, display = known
    else:
        system, code, display = NULL_FLAVOR, "UNK", "unknown"
        scope.warn("PV1-2", "not a patient class of table 0004" if said else "no patient class")
    out: dict[str, Any] = {"system": system, "code": code, "display": display}
    if said and said != code:
        out["extension"] = [{"url": SOURCE_VALUE, "valueString": said}]
    return out


def _say_kind(out: Resource, pv1: Segment, scope: Scope) -> None:
    types = [
        said
        for number, table in ((4, "0007"), (18, "0018"))
        if pv1.field(number) and (said := _coded(pv1[number].first, table, scope))
    ]
    if types:
        out["type"] = types
    if pv1.field(10) and (service := _coded(pv1[10].first, "0069", scope)):
        out["serviceType"] = service


def _participants(pv1: Segment, scope: Scope) -> list[Resource]:
    return [
        {
            "type": [{"coding": [{"system": PARTICIPATION, "code": code, "display": display}]}],
            "individual": who,
        }
        for number, code, display in _PARTICIPANTS
        for rep in pv1[number].reps
        if (who := people.practitioner(rep, scope))
    ]


def _hospitalization(pv1: Segment, scope: Scope) -> Resource:
    out: Resource = {}
    if number := of_cx(pv1[5].first, scope, "PV1-5", unnamed="preadmission"):
        out["preAdmissionIdentifier"] = number
    for element, number_of, table, many in _HOSPITALIZATION:
        said = [c for rep in pv1[number_of].reps if (c := _coded(rep, table, scope))]
        if said:
            out[element] = said if many else said[0]
    return out


def _locations(
    pv1: Segment, event: str, happened: str, status: str, scope: Scope
) -> list[Resource]:
    """Where the patient was (PV1-6) and is (PV1-3), with the time of a move if there was one."""
    out = []
    if before := location(pv1[6].first, scope):
        ended = scope.period("", happened if event == "A02" else "", "EVN-2")
        out.append(_stay(before, "completed", ended))
    if now := location(pv1[3].first, scope):
        admitted, discharged = pv1.text(44) if event == "A01" else "", pv1.text(45)
        if status == "finished":
            at = "PV1-45" if discharged else "EVN-2"
            period = scope.period("", discharged or happened, at)
        else:
            at = "PV1-44" if admitted else "EVN-2"
            period = scope.period(admitted or (happened if event in _MOVES else ""), "", at)
        state = {"finished": "completed", "planned": "planned"}.get(status, "active")
        out.append(_stay(now, state, period))
    return out


def _stay(where: Reference, status: str, period: Resource) -> Resource:
    stay: Resource = {"location": where, "status": status}
    if period:
        stay["period"] = period
    return stay


def _coded(rep: Rep, table: str, scope: Scope) -> Any:
    return concept(rep, scope, table=v2_table(table))
