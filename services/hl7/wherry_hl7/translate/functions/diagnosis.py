"""What DG1 and PRB say of a condition that a line of a map cannot."""

from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.mapping.table import Row
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.functions.clinical import ACTIVE, coded, numbered, own_identity
from wherry_hl7.translate.functions.extensions import extended

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_DUE_TO = "http://hl7.org/fhir/StructureDefinition/condition-dueTo"
_OVER = frozenset({"resolved", "inactive", "remission"})  # FHIR R4 Condition con-4
_VISIT = ("Encounter", "Patient")
# Coding systems that DG1-2 (up to 2.5) names for a DG1-3 that names none.
_METHODS = frozenset({"I9", "I9C", "I10", "I10C", "I10P", "SCT", "ICD10", "ICD9"})
_METHOD = frozenset({2})


@function("diagnosis_identity")
def diagnosis_identity(dg1: Segment, at: At) -> Identifier | None:
    """The diagnosis by its number (DG1-20), else what it is (DG1-3, DG1-4) within the visit."""
    if number := numbered(dg1, 20):
        return own_identity(at, "diagnosis", number)
    said = coded(dg1, 3, 4)
    return own_identity(at, "diagnosis", key(*said), within=_VISIT, apart=True) if said else None


@function("diagnosis_code")
def diagnosis_code(dg1: Segment, out: Resource, at: At) -> None:
    """DG1-3, with DG1-2 as its system when it names none, and DG1-4 as its text."""
    said: dict[str, Any] = dict(concept(dg1[3].first, at.scope))
    method = token(dg1.text(2)).upper()
    if method in _METHODS and said.get("coding") and "system" not in said["coding"][0]:
        said = dict(concept(dg1[3].first, at.scope, table=at.scope.systems.get(method, method)))
        at.scope.take(dg1, _METHOD)
    if text := dg1[4].first.whole.strip() if dg1.field(4) != '""' else "":
        said["text"] = text
    if said:
        out["code"] = said


@function("diagnosis_of_visit")
def diagnosis_of_visit(dg1: Segment, out: Resource, at: At) -> None:
    """The Condition just made as a diagnosis of the visit, with its role and its rank.

    One that is taken back is not listed. Source: HL7 v2-to-FHIR, DG1[Encounter].
    """
    made = at.here.get("Condition")
    if made is None or dg1.text(21).strip().upper() == "D":
        return
    diagnosis: dict[str, Any] = {"condition": made.reference}
    row = at.scope.tables["DiagnosisType"].get(token(dg1.text(6))) if dg1.text(6) else None
    if row is not None and row.to:
        coding = {"system": row.system, "code": row.to, "display": row.display}
        diagnosis["use"] = {"coding": [coding]}
    rank = dg1.text(15).strip()
    if rank.isdecimal() and rank.isascii() and int(rank[:9]) > 0:
        diagnosis["rank"] = int(rank[:9])
    listed = [one for one in out.get("diagnosis", ()) if one["condition"] != made.reference]
    out["diagnosis"] = [*listed, diagnosis]


@function("due_to")
def due_to(dg1: Segment, out: Resource, at: At) -> None:
    """DG1-22, the diagnosis that this one follows from: by its number when it is not here."""
    if number := numbered(dg1, 22):
        identity = own_identity(at, "diagnosis", number)
        named = of_ei(dg1[22].first, at.scope, type_="", default="diagnosis-id")
        reference = at.draft.to("Condition", identity, named)
        extended(out, {"url": _DUE_TO, "valueReference": reference})


@function("problem_identity")
def problem_identity(prb: Segment, at: At) -> Identifier | None:
    """The problem by its number (PRB-4), else what it is (PRB-3), within the patient."""
    if number := numbered(prb, 4):
        return own_identity(at, "problem", number)
    said = coded(prb, 3)
    return own_identity(at, "problem", key(*said), apart=True) if said else None


@function("problem_status")
def problem_status(prb: Segment, out: Resource, at: At) -> None:
    """PRB-1, PRB-13 and PRB-14 as the two statuses of a condition; it is active unless they say.

    Before 2.4 the life cycle was in PRB-13: a word that belongs there is taken as such.
    Source: HL7 v2.5.1 §12.4.2, table 0287; FHIR R4 con-3, con-4, con-5.
    """
    action, confirmed, cycle = (token(prb.text(number)) for number in (1, 13, 14))
    verification = _verified(action, confirmed, cycle, at)
    if verification is not None:
        out["verificationStatus"] = {"coding": [_coding(verification)]}
        if verification.to == "entered-in-error":
            at.deletes.append("clinicalStatus")
            return
    statuses = at.scope.tables["ConditionClinicalStatus"]
    rows = [row for code in (cycle, confirmed) if code and (row := statuses.get(code)) and row.to]
    if cycle and not rows and verification is None:
        at.scope.unknown_code(statuses.name, "PRB-14")
    status = _coding(rows[0]) if rows else dict(ACTIVE(_CLINICAL))
    if prb.text(9) and status["code"] not in _OVER:
        status = {"system": _CLINICAL, "code": "resolved", "display": "Resolved"}
    out["clinicalStatus"] = {"coding": [status]}


def _verified(action: str, confirmed: str, cycle: str, at: At) -> Row | None:
    """What PRB-1, else PRB-13, else PRB-14 says of the verification."""
    tables = at.scope.tables
    words = tables["ConditionVerificationStatus"]
    rows = (tables["ProblemAction"].get(action), words.get(confirmed), words.get(cycle))
    return next((row for row in rows if row is not None and row.to), None)


@function("problem_role")
def problem_role(prb: Segment, out: Resource, at: At) -> None:
    """Who entered the problem: a ROL of its group whose role is data entry (EP)."""
    del prb
    for group in at.group.groups("PROBLEM_ROLE"):
        rol = group.first("ROL")
        if rol is not None and token(rol.text(3)).upper() == "EP" and rol.field(4):
            who = at.scope.convert("XCN.Practitioner", rol[4].first, at)
            out.update({"recorder": who} if who else {})
            return


@function("goal_identity")
def goal_identity(gol: Segment, at: At) -> Identifier | None:
    """The goal by its number (GOL-4), else what it is (GOL-3), within the patient."""
    if number := numbered(gol, 4):
        return own_identity(at, "goal", number)
    said = coded(gol, 3)
    return own_identity(at, "goal", key(*said), apart=True) if said else None


# Source: FHIR R4 goal-status; HL7 gives GOL-18 no values: words are taken.
_GOAL_STATUS = {
    "ACTIVE": "active", "PLANNED": "planned", "PROPOSED": "proposed", "ACCEPTED": "accepted",
    "ON HOLD": "on-hold", "COMPLETED": "completed", "COMPLETE": "completed",
    "ACHIEVED": "completed", "CANCELLED": "cancelled", "CANCELED": "cancelled",
    "REJECTED": "rejected",
}  # fmt: skip


@function("goal_status")
def goal_status(gol: Segment, out: Resource, at: At) -> None:
    """GOL-1 DE takes the goal back; else GOL-18, else it is active."""
    if gol.text(1).strip().upper() == "DE":
        out["lifecycleStatus"] = "entered-in-error"
        return
    said = token(gol.text(18) or gol.text(18, 2)).upper()
    if said and said not in _GOAL_STATUS:
        at.scope.warn("GOL-18", "not a life cycle status of goals; taken as active")
    out["lifecycleStatus"] = _GOAL_STATUS.get(said, "active")


def _coding(row: Row) -> dict[str, str]:
    said = {"system": row.system, "code": row.to, "display": row.display}
    return {name: value for name, value in said.items() if value}
