"""Who and what an appointment needs: AIS, AIG, AIL and AIP become services and participants."""

from typing import Any

from wherry.fhir.systems import NOTE
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.functions.appointment_time import TIMED, slot_of
from wherry_hl7.translate.functions.notes import annotations

# Events about one resource of an appointment that stands. Source: HL7 v2.5.1 §10.3.7 to §10.3.11
_PARTIAL = frozenset({"S18", "S19", "S20", "S21", "S22"})
_TAKE_AWAY = frozenset({"S20", "S21", "S22"})
_DELETE = "D"

# What a participant has agreed to when its segment does not say: as the appointment stands.
_AS_THE_APPOINTMENT = {
    **dict.fromkeys(("booked", "arrived", "checked-in", "fulfilled", "noshow"), "accepted"),
    **dict.fromkeys(("cancelled", "entered-in-error"), "declined"),
    **dict.fromkeys(("proposed", "pending", "waitlist"), "tentative"),
}


@function("appointment_service")
def appointment_service(ais: Segment, out: Resource, at: At) -> None:
    """AIS-3 as a service of the appointment, or as one that it no longer has."""
    service = concept(ais[3].first, at.scope)
    if not service:
        return
    if not _partly(ais, at):
        at.deletes.append("serviceType")
    if _gone(ais, at):
        codes = [one["code"] for one in service.get("coding", ())][:1] or [service.get("text", "")]
        at.deletes.append(f"serviceType:{codes[0]}")
        return
    held = out.setdefault("serviceType", [])
    if service not in held:
        held.append(service)


@function("appointment_place")
def appointment_place(ail: Segment, out: Resource, at: At) -> None:
    """AIL-3 as a participant."""
    for rep in ail[3].reps:
        if rep.raw:
            _join(ail, at.scope.convert("PL.Location", rep, at), "Location", out, at)


@function("appointment_person")
def appointment_person(aip: Segment, out: Resource, at: At) -> None:
    """AIP-3 as a participant."""
    for rep in aip[3].reps:
        if rep.raw:
            _join(aip, at.scope.convert("XCN.Practitioner", rep, at), "Practitioner", out, at)


@function("appointment_resource")
def appointment_resource(aig: Segment, out: Resource, at: At) -> None:
    """AIG-3 as a participant: what it is, AIG-4 says by the table AppointmentResource.

    What it does not say remains a thing with a number and a name: AIG names rooms, people and
    machines alike.
    """
    rep = aig[3].first
    if not rep.raw:
        return
    table, kind = at.scope.tables["AppointmentResource"], aig.text(4).strip()
    row = table.find(kind) if kind else None
    named: Reference = {"display": rep.text_of(2).strip() or rep[1].strip()}
    if row is not None and row.to in _KINDS:
        made: Reference | None = at.scope.convert(_KINDS[row.to], rep, at)
        _join(aig, {**named, **made} if made else None, row.to, out, at)
        return
    if kind and row is None:
        at.scope.unknown_code(table.name, "AIG-4")
    identifier = resource_identity(rep, at)
    if identifier or named["display"]:
        said: Reference = {"identifier": identifier, **named} if identifier else {**named}
        _join(aig, said, "", out, at)


_KINDS = {
    type_: f"CWE.{type_}" for type_ in ("Device", "Location", "Practitioner", "HealthcareService")
}


@function("resource_identity")
def resource_identity(rep: Rep, at: At) -> Identifier | None:
    """The code of a CWE that names one thing, in the code system it is from, else of the sender."""
    code = rep[1].strip()
    if not code:
        return None
    coding = next((c for c in concept(rep, at.scope).get("coding", ()) if "system" in c), None)
    return {"system": coding["system"] if coding else at.scope.own("resource"), "value": code}


def _join(segment: Segment, actor: Reference | None, type_: str, out: Resource, at: At) -> None:
    if not actor:
        return
    if not _partly(segment, at):
        at.deletes.append(f"participant:{type_}")
    one: dict[str, Any] = {}
    if kind := concept(segment[4].first, at.scope):
        one["type"] = [kind]
    one["actor"] = {**actor, "type": type_} if type_ else actor
    one["status"] = _agreed(segment, out, at)
    slot = slot_of(segment, out.get("start", ""), at.scope)
    if slot.start:
        one["period"] = {"start": slot.start, **({"end": slot.end} if slot.end else {})}
    if notes := annotations(at.notes(), at):
        one["extension"] = [{"url": NOTE, "valueAnnotation": said} for said in notes]
    held = out.setdefault("participant", [])
    if one not in held:
        held.append(one)


def _agreed(segment: Segment, out: Resource, at: At) -> str:
    """The resource's own status, else what the appointment's means for it."""
    if _gone(segment, at):
        return "declined"
    table = at.scope.tables["ParticipantStatus"]
    code = segment.text(TIMED[segment.name] + 6).strip()
    if code and (row := table.get(code)) is not None:
        return row.to
    if code:
        at.scope.unknown_code(table.name, f"{segment.name}-{TIMED[segment.name] + 6}")
    return agreed_as(out)


def agreed_as(appointment: Resource) -> str:
    """What the appointment's status says of those who take part."""
    return _AS_THE_APPOINTMENT.get(appointment["status"], "needs-action")


def _action(segment: Segment, at: At) -> str:
    """The segment's own action code, else its group's (RGS-2)."""
    group = at.near("RGS")
    return (segment.text(2) or (group.text(2) if group else "")).strip().upper()


def _gone(segment: Segment, at: At) -> bool:
    return _action(segment, at) == _DELETE or at.scope.event in _TAKE_AWAY


def _partly(segment: Segment, at: At) -> bool:
    """Whether this message names only what changes; else it names all there is."""
    return at.scope.event in _PARTIAL or _gone(segment, at) or _changes(at)


def _changes(at: At) -> bool:
    """Whether a modification (S14) says of any resource that it is changed or taken away."""
    memory = at.scope.memory
    if "appointment-changes" not in memory:
        codes = {
            one.text(2).strip().upper()
            for one in at.scope.message.segments
            if one.name in TIMED or one.name == "RGS"
        }
        memory["appointment-changes"] = at.scope.event == "S14" and not codes <= {"", "A"}
    return bool(memory["appointment-changes"])
