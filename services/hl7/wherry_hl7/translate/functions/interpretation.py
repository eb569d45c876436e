"""OBX-8 becomes what a result means: high, low, abnormal, resistant."""

from wherry.fhir.systems import INTERPRETATION
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Coding
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.scope import Scope

# Source: HL7 v2-to-FHIR, InterpretationCodes (table 0078 to v3-ObservationInterpretation)
_CODES = frozenset(
    """< > A AA B CAR D DET E EX EXP H HH HU I IE IND L LL LU MS N NCL ND NEG NR NS POS R RR S SDD
    SYN-R SYN-S U VS UNE W WR""".split()  # noqa: SIM905 - as the table
)


def interpretations(obx: Segment, scope: Scope) -> list[CodeableConcept]:
    """One concept for each repetition; codes outside the table stay as they were sent."""
    if plain := _PLAIN.get(obx.field(8)):
        return plain
    return [said for rep in obx[8].reps if (said := _one(token(rep[1]), rep, scope))]


_PLAIN: dict[str, list[CodeableConcept]] = {
    code: [{"coding": [{"system": INTERPRETATION, "code": code}]}] for code in _CODES
}


def _one(code: str, rep: Rep, scope: Scope) -> CodeableConcept:
    if code not in _CODES:
        said = concept(rep, scope)
        return {"text": code} if code and said == {"coding": [{"code": code}]} else said
    ours: Coding = {"system": INTERPRETATION, "code": code}
    if rep.raw == code:
        return {"coding": [ours]}
    said = concept(rep, scope)
    return {**said, "coding": [ours, *(c for c in said.get("coding", ()) if "system" in c)]}
