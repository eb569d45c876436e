"""Telephone numbers (XTN), degrees and the numbers that name people (XCN) become FHIR values."""

from typing import Any, cast

from wherry.fhir.systems import SOURCE_VALUE, v2_table
from wherry.hl7.segment import Rep
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.converters.identifiers import assigner, authority, typed

# Codes of table 0360 that v2-0360 in R4 has; others keep their text only. Source: FHIR R4 v2-0360.
_DEGREES = frozenset(
    """AA AAS ABA AE AS BA BBA BE BFA BN BS BSL BSN BT CANP CER CMA CNM CNP CNS CPNP CRN DBA DED
    DIP DO EMT EMTP FPNP HS JD MA MBA MCE MD MDA MDI ME MED MEE MFA MME MS MSL MSN MT MTH NG NP
    PA PHD PHE PHS PN PharmD RMA RN RPH SEC TS""".split()  # noqa: SIM905 - as the table
)
_LOCAL_USES = ("AddressUse", "AddressType")


@converter("IS.degree")
def degree(rep: Rep, at: At) -> CodeableConcept | None:
    """A degree, licence or certificate (XCN-7), coded where table 0360 has it."""
    said = concept(rep, at.scope)
    code = token(rep[1])
    if code not in _DEGREES:
        return {"text": said.get("text") or code} if code else None
    return cast(CodeableConcept, {"coding": [{"system": v2_table("0360"), "code": code}]})


@converter("SAD.line")
def street(rep: Rep, at: At) -> str:
    """The street address of an XAD-1; house number and street name where only those were sent."""
    del at
    return rep[1] or " ".join(filter(None, (rep[3], rep[2])))


@function("address_kind")
def address_kind(rep: Rep, out: Resource, at: At) -> None:
    """XAD-7 beside `use` where R4 has neither a use nor a type for it: born there, legal, …"""
    code = rep[7].strip()
    if not code or "use" in out or "type" in out:
        return
    known = any(at.scope.tables[name].get(code) for name in _LOCAL_USES)
    if known:
        out["_use"] = {"extension": [{"url": SOURCE_VALUE, "valueString": code}]}


@function("xcn_identity")
def xcn_identity(rep: Rep, at: At) -> Identifier | None:
    """The number of a person (XCN-1) under its authority (XCN-9, else the kind of XCN-13)."""
    value = rep[1].strip()
    if not value:
        return None
    kind = rep[13].strip().upper() if not rep.component(9) else ""
    named = (rep.sub(9, 1) or kind, rep.sub(9, 2), rep.sub(9, 3))
    made: dict[str, Any] = typed(rep[13].strip().upper())
    made["system"] = authority(*named, at.scope, default="practitioner")
    made["value"] = value
    return cast(Identifier, {**made, **assigner(rep.sub(14, 1))})


@function("ndl_identity")
def ndl_identity(rep: Rep, at: At) -> Identifier | None:
    """The number in an NDL, whose name (CNN) sits in the subcomponents of its first component."""
    value = rep.sub(1, 1).strip()
    if not value:
        return None
    return {"system": at.scope.own("practitioner"), "value": value}
