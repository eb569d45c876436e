"""What PV1 and EVN say together: which visit, its status, its class, its time and its places."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import ACT_CODE, NULL_FLAVOR, SOURCE_VALUE, v2_table
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.converters.identifiers import of_cx
from wherry_hl7.translate.provenance import happened

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
_VISIT_NUMBER = "VN"


@function("visit_identity")
def visit_identity(pv1: Segment, at: At) -> Identifier | None:
    """Visit number, else alternate visit id, else account and admission time, else this message.

    None for a PV1 that says nothing.
    """
    if not any(map(pv1.field, range(2, len(pv1) + 1))):
        return None
    scope = at.scope
    for number, unnamed in ((19, "visit"), (50, "visit-alternate")):
        for rep in pv1[number].reps:
            if one := of_cx(rep, scope, f"PV1-{number}", unnamed=unnamed, type_=_VISIT_NUMBER):
                return one
    pid = at.near("PID")
    account, admitted = pid.text(18).strip() if pid else "", pv1.text(44).strip()
    if account and admitted:
        return {"system": scope.own("visit-of-account"), "value": key(account, admitted)}
    scope.warn("PV1-19", "no visit number; this visit is known by its message only")
    return {"system": scope.own("visit-of-message"), "value": scope.message_key}


@function("visit_status")
def visit_status(pv1: Segment, out: Resource, at: At) -> None:
    """PV1-45, else the trigger event, else the patient class, and that last one is weak."""
    if pv1.text(45):
        out["status"] = "finished"
    elif said := _STATUS_OF_EVENT.get(at.scope.event):
        out["status"] = said
    else:
        out["status"] = _STATUS_OF_CLASS.get(pv1.text(2).strip().upper(), "unknown")
        at.weak.append("status")


@function("visit_class")
def visit_class(pv1: Segment, out: Resource, at: At) -> None:
    """The class, with what was sent beside it; what is not in the table is never guessed."""
    said = token(pv1.text(2))
    if known := _CLASS.get(said.upper()):
        system, code, display = known
    else:
        system, code, display = NULL_FLAVOR, "UNK", "unknown"
        at.scope.warn("PV1-2", "not a patient class of table 0004" if said else "no patient class")
        at.weak.append("class")
    made: dict[str, Any] = {"system": system, "code": code, "display": display}
    if said and said != code:
        made["extension"] = [{"url": SOURCE_VALUE, "valueString": said}]
    out["class"] = made


@function("visit_period")
def visit_period(pv1: Segment, out: Resource, at: At) -> None:
    """PV1-44 and PV1-45; the event's own time where it is the start or the end itself."""
    for number, path in ((44, "period.start"), (45, "period.end")):
        if pv1.field(number) == '""':
            at.deletes.append(path)
    event, when = at.scope.event, happened(at.near("EVN"))
    start, end = pv1.text(44), pv1.text(45)
    period = at.scope.period(
        start or (when if event in _STARTS else ""),
        end or (when if event == "A03" else ""),
        "PV1-44" if start else "EVN-2",
        "PV1-45" if end else "EVN-2",
    )
    if period:
        out["period"] = period


@function("visit_locations")
def visit_locations(pv1: Segment, out: Resource, at: At) -> None:
    """Where the patient was (PV1-6) and is (PV1-3), with the time of a move if there was one."""
    scope = at.scope
    event, when = scope.event, happened(at.near("EVN"))
    stays = []
    if before := _location(pv1, 6, at):
        ended = scope.period("", when if event == "A02" else "", "EVN-2")
        stays.append(_stay(before, "completed", ended))
    if now := _location(pv1, 3, at):
        admitted, discharged = pv1.text(44) if event == "A01" else "", pv1.text(45)
        if out["status"] == "finished":
            place = "PV1-45" if discharged else "EVN-2"
            period = scope.period("", discharged or when, place)
        else:
            place = "PV1-44" if admitted else "EVN-2"
            period = scope.period(admitted or (when if event in _MOVES else ""), "", place)
        state = {"finished": "completed", "planned": "planned"}.get(out["status"], "active")
        stays.append(_stay(now, state, period))
    if stays:
        out["location"] = stays


def _location(pv1: Segment, number: int, at: At) -> Reference | None:
    rep = pv1[number].first
    return at.scope.convert("PL.Location", rep, at) if rep.raw else None


def _stay(where: Reference, status: str, period: Resource) -> Resource:
    stay: Resource = {"location": where, "status": status}
    if period:
        stay["period"] = period
    return stay
