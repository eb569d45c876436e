"""OBX-8 becomes what a result means: high, low, abnormal, resistant."""

from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Coding, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.functions.monitor import is_monitor_result
from wherry_hl7.translate.scope import Scope

TABLE = "InterpretationCodes"


@function("observation_interpretation")
def observation_interpretation(obx: Segment, out: Resource, at: At) -> None:
    """One concept for each repetition; codes outside the table stay as they were sent.

    Source: HL7 v2-to-FHIR, OBX-8 and InterpretationCodes (table 0078).
    """
    raw = obx.field(8)
    if not raw:
        return
    memory = at.scope.memory
    known: list[CodeableConcept] | None = memory.get((TABLE, raw))
    if known is None:
        counted = not is_monitor_result(obx, at)  # whose flags are of its own kind
        found = [_one(token(rep[1]), rep, at.scope, counted=counted) for rep in obx[8].reps]
        known = memory[TABLE, raw] = [said for said in found if said]
    if known:
        out["interpretation"] = known


def _one(code: str, rep: Rep, scope: Scope, *, counted: bool) -> CodeableConcept:
    row = scope.tables[TABLE].get(code) if code else None
    if row is None or not row.to:
        if code and row is None and counted:
            scope.unknown_code(TABLE, "OBX-8")
        said = concept(rep, scope)
        return {"text": code} if code and said == {"coding": [{"code": code}]} else said
    ours: Coding = {"system": row.system, "code": row.to}
    if rep.raw == code:
        return {"coding": [ours]}
    said = concept(rep, scope)
    return {**said, "coding": [ours, *(c for c in said.get("coding", ()) if "system" in c)]}
