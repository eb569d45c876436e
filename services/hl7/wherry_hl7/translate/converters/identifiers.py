"""Numbers that people and systems give (CX, EI, HD) become Identifiers with a system."""

from typing import Any, cast

from wherry.fhir.systems import IDENTIFIER_TYPE, US_NPI
from wherry.hl7.segment import Rep
from wherry.resource import CodeableConcept, Identifier, Period
from wherry_hl7 import identity
from wherry_hl7.mapping.named import converter
from wherry_hl7.translate.at import At
from wherry_hl7.translate.scope import Scope

# Authorities whose system is the same everywhere. Source: FHIR R4 identifier-registry; CLIA's OID.
_KNOWN = {"NPI": US_NPI, "CLIA": "urn:oid:2.16.840.1.113883.4.7"}

# Codes of the v2-0203 code system; others keep their text only.
TYPES = frozenset(
    """AC ACSN AIN AM AMA AN ANC AND ANON ANT APRN ASID BA BC BCFN BCT BR BRN BSNR CAAI CC CONM CY
    CZ DC DCFN DDS DEA DFN DI DL DN DO DP DPM DR DS DSG EI EN ESN FDR FDRFN FGN FI FILL GI GIN GL GN
    HC IND IRISTEM JHN LACSN LANR LI LN LR MA MB MC MCD MCN MCR MCT MD MI MR MRT MS NBSNR NCT NE NH
    NI NII NIIP NP NPI OBI OD PA PC PCN PE PEN PHC PHE PHO PI PIN PLAC PN PNT PPIN PPN PRC PRN PT QA
    RI RN RPH RR RRI RRP SAMN SB SID SL SN SNBSN SNO SP SR SRX SS STN TAX TN TPR TRL U UDI UPIN USID
    VN VP VS WC WCN WP XV XX""".split()  # noqa: SIM905 - as the table
)


def authority(namespace: str, universal: str, kind: str, scope: Scope, *, default: str) -> str:
    """The system that an assigning authority (HD) stands for; else the sender's own `default`."""
    for name in (namespace.strip(), kind.strip()):
        if known := _KNOWN.get(name.upper()):
            return known
    found = identity.authority_system(
        namespace.strip(), universal.strip(), kind.strip(), naming=scope.naming
    )
    return found or scope.own(default)


def of_cx(
    rep: Rep, scope: Scope, at: str, *, unnamed: str = "patient", type_: str = ""
) -> Identifier | None:
    """One CX as an Identifier; None when it holds no number. `type_` is the field's own meaning."""
    told: Identifier | None = scope.memory.get(("CX", rep.raw, unnamed, type_))
    if told is not None:
        return told.copy()
    found = identity.of_cx(rep, scope.naming, unnamed)
    if found is None:
        return None
    code = type_ or found.type_code
    out = cast(Identifier, {**_use(code, scope), **typed(code)})
    out["system"], out["value"] = found.system, found.value
    if (rep[7] or rep[8]) and (period := scope.period(rep[7], rep[8], at)):
        out["period"] = cast(Period, period)
    if rep.component(6):
        out = cast(Identifier, {**out, **assigner(rep.sub(6, 1))})
    silent = scope.standard and "\\" not in rep.raw  # a remark names the field it is about
    if silent and not rep.component(7) and not rep.component(8):
        scope.memory["CX", rep.raw, unnamed, type_] = out
        return out.copy()
    return out


def of_ei(rep: Rep, scope: Scope, *, type_: str, default: str) -> Identifier | None:
    """One EI (placer or filler number) as an Identifier; None when it holds no number."""
    value = rep[1].strip()
    if not value:
        return None
    system = authority(rep[2], rep[3], rep[4], scope, default=default)
    made: Identifier = {"system": system, "value": value}
    return {"type": _type(type_), **made} if type_ else made


@converter("CX.Identifier")
def cx(rep: Rep, at: At, unnamed: str = "patient", type: str = "") -> Identifier | None:  # noqa: A002 - the element's name
    """One CX; `unnamed` names the system of numbers whose authority was not sent."""
    return of_cx(rep, at.scope, rep.at, unnamed=unnamed, type_=type)


@converter("EI.Identifier")
def ei(rep: Rep, at: At, unnamed: str = "entity", type: str = "") -> Identifier | None:  # noqa: A002 - the element's name
    """One EI; `unnamed` names the system of numbers whose authority was not sent."""
    return of_ei(rep, at.scope, type_=type, default=unnamed)


def typed(code: str) -> dict[str, Any]:
    """`type` of an identifier by a code of table 0203; nothing without one."""
    return {"type": _type(code)} if code else {}


def assigner(facility: str) -> dict[str, Any]:
    """`assigner` of an identifier by the name of the facility that gave it (CX-6, XCN-14)."""
    return {"assigner": {"display": facility.strip()}} if facility.strip() else {}


def _use(code: str, scope: Scope) -> dict[str, str]:
    row = scope.tables["IdentifierUse"].get(code) if code else None
    return {"use": row.to} if row is not None and row.to else {}


def _type(code: str) -> CodeableConcept:
    if code in TYPES:
        return {"coding": [{"system": IDENTIFIER_TYPE, "code": code}]}
    return {"text": code}
