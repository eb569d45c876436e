"""What AL1 and IAM say of an allergy that a line of a map cannot."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import v2_table
from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.converters.identifiers import of_ei
from wherry_hl7.translate.functions.clinical import ACTIVE, coded, own_identity
from wherry_hl7.translate.functions.related import SELF

_ALTERNATE = "http://hl7.org/fhir/StructureDefinition/alternate-codes"
_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"


@function("allergy_identity")
def allergy_identity(segment: Segment, at: At) -> Identifier | None:
    """The patient's allergy by its number (IAM-7), else by what it is against (AL1-3, IAM-3).

    The same allergen is the same allergy in AL1 and in IAM.
    """
    number = of_ei(segment[7].first, at.scope, type_="", default="allergy-id")
    if segment.name == "IAM" and number is not None:
        return own_identity(at, "allergy", key("id", number["system"], number["value"]))
    if allergen := coded(segment, 3):
        return own_identity(at, "allergy", key(*allergen), apart=True)
    return None


@function("allergy_category")
def allergy_category(segment: Segment, out: Resource, at: At) -> None:
    """AL1-2 or IAM-2 as a category, with what was sent beside it. Source: HL7 v2-to-FHIR, AL1-2."""
    rep = segment[2].first
    if not rep[1].strip():
        return
    row = at.scope.tables["AllergyCategory"].find(rep[1])
    if row is None:
        at.scope.unknown_code("AllergyCategory", rep.at)
        return
    if row.to:
        sent = concept(rep, at.scope, table=v2_table("0127"))
        out["category"] = [row.to]
        out["_category"] = [{"extension": [{"url": _ALTERNATE, "valueCodeableConcept": sent}]}]


@function("allergy_reaction")
def allergy_reaction(segment: Segment, out: Resource, at: At) -> None:
    """Each repetition of AL1-5 or IAM-5 as a manifestation of one reaction, with its severity."""
    texts = [rep.whole.strip() for rep in segment[5].reps if rep.raw != '""']
    manifestations = [{"text": text} for text in texts if text]
    if not manifestations:
        return
    reaction: dict[str, Any] = {"manifestation": manifestations}
    if severity := segment.text(4):
        row = at.scope.tables["AllergyReactionSeverity"].get(severity)
        if row is not None and row.to:
            reaction["severity"] = row.to
    out["reaction"] = [reaction]


@function("allergy_status")
def allergy_status(iam: Segment, out: Resource, at: At) -> None:
    """IAM-6 D takes the allergy back; else IAM-17 says its two statuses, and it is active.

    Source: HL7 v2.5.1 §3.4.7.6, §3.4.7.17; FHIR R4 ait-1, ait-2.
    """
    tables = at.scope.tables
    for table, code in (
        ("AllergyAction", iam.text(6)),
        ("AllergyVerificationStatus", iam.text(17)),
    ):
        row = tables[table].get(token(code)) if code else None
        if row is not None and row.to:
            coding = {"system": row.system, "code": row.to, "display": row.display}
            out["verificationStatus"] = {"coding": [coding]}
            break
    if out.get("verificationStatus", {}).get("coding", [{}])[0].get("code") == "entered-in-error":
        at.deletes.append("clinicalStatus")
        return
    row = tables["AllergyClinicalStatus"].get(token(iam.text(17))) if iam.text(17) else None
    status = ACTIVE(_CLINICAL)
    if row is not None and row.to:
        status = {"system": row.system, "code": row.to, "display": row.display}
    out["clinicalStatus"] = {"coding": [status]}


@function("clinician_code")
def clinician_code(iam: Segment, out: Resource, at: At) -> None:
    """IAM-27, the clinician's own code for the allergy, beside that of IAM-3."""
    said = concept(iam[27].first, at.scope)
    if not said:
        return
    code = out.get("code", {})
    more = [one for one in said.get("coding", ()) if one not in code.get("coding", ())]
    merged: dict[str, Any] = {**said, **code}
    if more:
        merged["coding"] = [*code.get("coding", ()), *more]
    out["code"] = merged


@function("allergy_reporter")
def allergy_reporter(iam: Segment, out: Resource, at: At) -> None:
    """Who reported the allergy: the patient (IAM-15), else whoever IAM-14 names."""
    relationship = token(iam.text(15)).upper()
    patient = at.find("Patient")
    if relationship in SELF and patient is not None:
        out["asserter"] = patient.reference
        return
    name = at.scope.convert("XPN.HumanName", iam[14].first, at) if iam.field(14) else None
    if not name:
        return
    shown = [*name.get("prefix", ()), *name.get("given", ()), name.get("family", "")]
    type_ = "RelatedPerson" if relationship else "Practitioner"
    out["asserter"] = {"type": type_, "display": " ".join(filter(None, shown))}
