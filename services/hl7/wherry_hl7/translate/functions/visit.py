"""What PV1 and EVN say together: which visit, its status, its class and its time."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import ACT_CODE, CONFIDENTIALITY, NOTE, NULL_FLAVOR, SOURCE_VALUE
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.converters.identifiers import of_cx
from wherry_hl7.translate.provenance import happened

# What takes a whole visit back: no time of discharge stands against it.
_TAKEN_BACK = frozenset({"A11", "A23", "A27", "A38"})
# Events in a visit that goes on: what they say of its status only fills a gap.
_GOES_ON = frozenset({"A09", "A10", "A12", "A15", "A16", "A17", "A25", "A26", "A33"})
# Events about a person; a PV1 without a number is there because its segment is required.
_OF_PERSON = frozenset(
    """A18 A24 A28 A29 A30 A31 A34 A36 A37 A39 A40 A43 A46 A47""".split()  # noqa: SIM905
)

_STARTS = frozenset({"A01", "A04"})
_VISIT_NUMBER = "VN"
_CANCEL_DISCHARGE = "A13"
# R5 elements, as extensions in R4. Source: HL7 v2-to-FHIR, PV2 to Encounter
_PLANNED = {
    8: "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedStartDate",
    9: "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate",
}


@function("visit_identity")
def visit_identity(pv1: Segment, at: At) -> Identifier | None:
    """Visit number, else alternate visit id, else account and admission time, else this message.

    None for a PV1 that says nothing, with a PV2 that says nothing.
    """
    if not _says_something(pv1) and not _says_something(at.near("PV2")):
        return None
    scope = at.scope
    for number, unnamed in ((19, "visit"), (50, "visit-alternate")):
        for rep in pv1[number].reps:
            if one := of_cx(rep, scope, f"PV1-{number}", unnamed=unnamed, type_=_VISIT_NUMBER):
                return one
    if scope.code == "ADT" and scope.event in _OF_PERSON:
        scope.warn("PV1-19", "a message about a person; without a number this is no visit")
        return None
    pid = at.near("PID")
    account, admitted = pid.text(18).strip() if pid else "", pv1.text(44).strip()
    if account and admitted:
        return {"system": scope.own("visit-of-account"), "value": key(account, admitted)}
    scope.warn("PV1-19", "no visit number; this visit is known by its message only")
    return {"system": scope.own("visit-of-message"), "value": scope.message_key}


def _says_something(segment: Segment | None) -> bool:
    return segment is not None and any(map(segment.field, range(2, len(segment) + 1)))


@function("visit_status")
def visit_status(pv1: Segment, out: Resource, at: At) -> None:
    """What the event takes back, else PV1-45, else the event, else the class, which is weak.

    Source: HL7 v2-to-FHIR, Event[EncounterStatus] and PatientClass[EncounterStatus].
    """
    event = at.scope.event if at.scope.code == "ADT" else ""
    said = _status_of(event, at)
    if pv1.text(45) and event not in _TAKEN_BACK and event != _CANCEL_DISCHARGE:
        out["status"] = "finished"
    elif said:
        out["status"] = said
        if event in _GOES_ON:
            at.weak.append("status")
    else:
        row = at.scope.tables["EncounterStatusOfClass"].find(token(pv1.text(2)))
        out["status"] = row.to if row and row.to else "unknown"
        at.weak.append("status")


def _status_of(event: str, at: At) -> str:
    if event == "A04" and at.scope.sender.option("registration") == "planned":
        return "planned"
    row = at.scope.tables["EncounterStatusOfEvent"].get(event) if event else None
    return row.to if row else ""


@function("visit_class")
def visit_class(pv1: Segment, out: Resource, at: At) -> None:
    """The class, with what was sent beside it; what is not in the table is never guessed.

    Source: HL7 v2-to-FHIR, PatientClass[EncounterClass].
    """
    said = token(pv1.text(2))
    table = at.scope.tables["EncounterClass"]
    row = table.get(said) if said else None
    made: dict[str, Any] = {"system": NULL_FLAVOR, "code": "UNK", "display": "unknown"}
    if row is not None and row.to:
        made = {"system": row.system, "code": row.to, "display": row.display}
    elif said:
        at.scope.unknown_code(table.name, "PV1-2")
    else:
        at.scope.warn("PV1-2", "no patient class")
    if made["system"] == NULL_FLAVOR:
        at.weak.append("class")
    if said and said != made["code"]:
        made["extension"] = [{"url": SOURCE_VALUE, "valueString": said}]
    out["class"] = made


@function("visit_class_history")
def visit_class_history(pv1: Segment, out: Resource, at: At) -> None:
    """The class that a visit has from now on; what it was before is where it is stored.

    Source: HL7 v2.5.1 §3.3.6, §3.3.7; FHIR R4 Encounter.classHistory.
    """
    del pv1
    since = at.scope.period(happened(at.near("EVN")), "", "EVN-2")
    if since and out["class"]["system"] != NULL_FLAVOR:
        out["classHistory"] = [{"class": out["class"], "period": since}]


@function("visit_period")
def visit_period(pv1: Segment, out: Resource, at: At) -> None:
    """PV1-44 and PV1-45; the event's own time where it is the start or the end itself."""
    event, when = at.scope.event, happened(at.near("EVN"))
    reopened = event == _CANCEL_DISCHARGE
    for number, path in ((44, "period.start"), (45, "period.end")):
        if pv1.field(number) == '""' or (reopened and number == 45):
            at.deletes.append(path)
    start, end = pv1.text(44), "" if reopened else pv1.text(45)
    period = at.scope.period(
        start or (when if event in _STARTS else ""),
        end or (when if event == "A03" else ""),
        "PV1-44" if start else "EVN-2",
        "PV1-45" if end else "EVN-2",
    )
    if period:
        out["period"] = period


@function("visit_planned")
def visit_planned(pv1: Segment, out: Resource, at: At) -> None:
    """PV2-8 and PV2-9, when it is to begin and to end; A25 takes a pending discharge back."""
    del pv1
    pv2 = at.near("PV2")
    if pv2 is None:
        return
    for number, url in _PLANNED.items():
        if pv2.field(number) == '""' or (number == 9 and at.scope.event == "A25"):
            at.deletes.append(f"extension:{url}")
        elif said := pv2.text(number):
            moment = at.scope.moment(said, f"PV2-{number}")
            if text := moment.full or moment.date:
                extension = {"url": url, "valueDateTime": text}
                out["extension"] = [*out.get("extension", ()), extension]


@function("episode_identity")
def episode_identity(pv1: Segment, at: At) -> Identifier | None:
    """The service episode's own number (PV1-54)."""
    return of_cx(pv1[54].first, at.scope, "PV1-54", unnamed="episode")


@function("episode_status")
def episode_status(pv1: Segment, out: Resource, at: At) -> None:
    """What the class of the visit says of its episode, which fills only a gap."""
    row = at.scope.tables["EpisodeOfCareStatusOfClass"].find(token(pv1.text(2)))
    if row is not None and row.to:
        out["status"] = row.to
        at.weak.append("status")


_PROTECTED = frozenset({22})


@function("visit_security")
def visit_security(pv1: Segment, out: Resource, at: At) -> None:
    """PV2-22 and PV1-16 as labels that readers of the visit must heed.

    Source: HL7 v2-to-FHIR, PV2-22 to meta.security; FHIR R4 security-labels.
    """
    labels = []
    pv2 = at.near("PV2")
    if pv2 is not None and pv2.text(22).strip().upper() == "Y":
        at.scope.take(pv2, _PROTECTED)
        labels.append({"system": CONFIDENTIALITY, "code": "R", "display": "restricted"})
    row = at.scope.tables["VipIndicator"].get(token(pv1.text(16)))
    if row is not None and row.to == "VIP":
        labels.append(
            {"system": ACT_CODE, "code": "CEL", "display": "celebrity information sensitivity"}
        )
    if labels:
        out["meta"] = {**at.scope.meta, "security": labels}


@function("visit_note")
def visit_note(pv1: Segment, out: Resource, at: At) -> None:
    """PV2-12, the description of the visit, which R4 has no element for."""
    del pv1
    pv2 = at.near("PV2")
    if pv2 is not None and (text := pv2.text(12).strip()):
        note = {"url": NOTE, "valueAnnotation": {"text": text}}
        out["extension"] = [*out.get("extension", ()), note]
