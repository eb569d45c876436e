"""ROL and PRT become those who take part: in a visit, in a procedure, in a patient's care."""

from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.converters.people import xcn_identity

_GENERAL = ("Practitioner", "PractitionerRole")


@function("participant_of_visit")
def participant_of_visit(
    segment: Segment, out: Resource, at: At, *, who: int, kind: int, start: int, end: int,
    table: str = "ProviderRole",
) -> None:  # fmt: skip
    """Each person as a participant of the visit, in their role and while they had it.

    One who is there in the same role already is not said twice.
    """
    role = _role(segment, kind, table, at)
    for person in _people(segment, who, at):
        made: dict[str, Any] = {"individual": person, **({"type": [role]} if role else {})}
        field = f"{segment.name}-{start}"
        if period := at.scope.period(segment.text(start), segment.text(end), field):
            made["period"] = period
        held = out.get("participant", [])
        if not any(_same(one, made) for one in held):
            out["participant"] = [*held, made]


@function("performer_of_procedure")
def performer_of_procedure(
    segment: Segment, out: Resource, at: At, *, who: int, kind: int, table: str = "ProviderRole"
) -> None:
    """Each person as a performer of the procedure just said."""
    role = _role(segment, kind, table, at)
    for person in _people(segment, who, at):
        made = {"actor": person, **({"function": role} if role else {})}
        if made not in out.get("performer", ()):
            out["performer"] = [*out.get("performer", ()), made]


@function("general_practitioner")
def general_practitioner(segment: Segment, out: Resource, at: At, who: int) -> None:
    """Each person as one whom the patient goes to first."""
    for person in _people(segment, who, at):
        if person not in out.get("generalPractitioner", ()):
            out["generalPractitioner"] = [*out.get("generalPractitioner", ()), person]


@function("rol_identity")
def rol_identity(rol: Segment, at: At) -> Identifier | None:
    """A role by its number (ROL-1), else by person, role and organization."""
    person = xcn_identity(rol[4].first, at)
    if person is None:
        return None
    number = rol.text(1).strip() if rol[1].first[2] else ""  # a bare number is a set id
    parts = (person["system"], person["value"], token(rol.text(3)).upper())
    organization = (rol.text(14) or rol.text(14, 10)).strip().casefold()
    value = key("id", number, rol.text(1, 2)) if number else key(*parts, organization)
    return {"system": at.scope.own("practitioner-role"), "value": value}


def _people(segment: Segment, number: int, at: At) -> list[Reference]:
    made = (
        at.scope.convert("XCN.Practitioner", rep, at) for rep in segment[number].reps if rep.raw
    )
    return [one for one in made if one]


def _role(segment: Segment, number: int, table: str, at: At) -> CodeableConcept:
    """The role with the table's coding before what was sent."""
    rep = segment[number].first
    said = concept(rep, at.scope)
    row = at.scope.tables[table].get(token(rep[1])) if rep[1] else None
    if row is None or not row.to:
        return said
    known: Any = {"system": row.system, "code": row.to, "display": row.display}
    return {**said, "coding": [known, *said.get("coding", ())]}


def _same(one: Resource, other: Resource) -> bool:
    """Whether both are the same person in the same role."""
    who, whom = one.get("individual", {}), other["individual"]
    return who.get("reference", who) == whom.get("reference", whom) and _code(one) == _code(other)


def _code(participant: Resource) -> str:
    for role in participant.get("type", ()):
        for coding in role.get("coding", ()):
            return str(coding.get("code", ""))
    return ""
