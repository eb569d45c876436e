"""Names, addresses and numbers of people (XPN, XAD, XTN, XCN) become FHIR data types."""

from typing import Any

from wherry.hl7.segment import Rep
from wherry.resource import Reference
from wherry_hl7.translate.identifiers import authority
from wherry_hl7.translate.scope import Scope

# Source: HL7 v2-to-FHIR, NameType; types without a FHIR use are left without one.
_NAME_USE = {
    "L": "official", "R": "official", "D": "usual", "M": "maiden", "N": "nickname",
    "BAD": "old", "MSK": "anonymous", "S": "anonymous", "NAV": "temp", "TEMP": "temp",
}  # fmt: skip

# Source: HL7 v2-to-FHIR, AddressType[Use] and AddressType[Type]
_ADDRESS_USE = {"H": "home", "B": "work", "O": "work", "C": "temp", "BA": "old", "BI": "billing"}
_ADDRESS_TYPE = {"M": "postal", "SH": "postal"}

# Source: HL7 v2-to-FHIR, TelecommunicationUseCode and TelecommunicationEquipmentType
_TELECOM_USE = {"PRN": "home", "ORN": "home", "VHN": "home", "WPN": "work", "PRS": "mobile"}
_TELECOM_SYSTEM = {"FX": "fax", "BP": "pager", "INTERNET": "email", "X.400": "email"}


def name(rep: Rep, scope: Scope, at: str) -> dict[str, Any]:
    """One XPN as a HumanName, empty when no part of a name was sent."""
    out: dict[str, Any] = {}
    if family := rep.sub(1, 1):
        out["family"] = family
    if given := [part for part in (rep[2], rep[3]) if part]:
        out["given"] = given
    if prefix := rep[5]:
        out["prefix"] = [prefix]
    if suffix := [part for part in (rep[4], rep[6]) if part]:
        out["suffix"] = suffix
    if out and (use := _NAME_USE.get(rep[7].upper())):
        out["use"] = use
    if out and (period := scope.period(rep[12], rep[13], at)):
        out["period"] = period
    return out


def address(rep: Rep, scope: Scope, at: str) -> dict[str, Any]:
    """One XAD as an Address, empty when no part of one was sent."""
    street = rep.sub(1, 1) or " ".join(filter(None, (rep.sub(1, 3), rep.sub(1, 2))))
    out: dict[str, Any] = {}
    if lines := [line for line in (street, rep[2], rep[19]) if line]:
        out["line"] = lines
    for element, component in _ADDRESS_PARTS:
        if part := rep[component]:
            out[element] = part
    kind = rep[7].upper()
    if out and (use := _ADDRESS_USE.get(kind)):
        out["use"] = use
    if out and (type_ := _ADDRESS_TYPE.get(kind)):
        out["type"] = type_
    if out and (period := scope.period(rep[13], rep[14], at)):
        out["period"] = period
    return out


# Source: HL7 v2.5.1 §2.A.88 XAD
_ADDRESS_PARTS = (("city", 3), ("state", 4), ("postalCode", 5), ("country", 6), ("district", 9))


def telecoms(rep: Rep, use: str) -> list[dict[str, Any]]:
    """One XTN as ContactPoints: its number and its mail address; `use` is the field's meaning.

    The number is XTN-12, else XTN-1 (up to 2.5), else put together from XTN-5 to XTN-8.
    """
    kind = rep[3].upper()
    system = _TELECOM_SYSTEM.get(kind, "phone")
    use = "mobile" if kind == "CP" else _TELECOM_USE.get(rep[2].upper(), use)
    number, mail = rep[12] or rep[1] or _assembled(rep), rep[4]
    if rep[2].upper() == "BPN":
        system = "pager"
    if number and not mail and (system == "email" or rep[2].upper() == "NET"):
        number, mail = "", number
    out = []
    if number:
        out.append({"system": "phone" if system == "email" else system, "value": number})
    if mail:
        out.append({"system": "email", "value": mail})
    return [{**point, "use": use} if use else point for point in out]


def practitioner(rep: Rep, scope: Scope) -> Reference | None:
    """One XCN as a reference by number and name; None when it holds neither.

    Source: HL7 v2.5.1 §2.A.86 XCN; FHIR R4 Reference.identifier.
    """
    out: Reference = {"type": "Practitioner"}
    if value := rep[1].strip():
        kind = rep[13].strip().upper() if not rep.component(9) else ""
        system = authority(
            rep.sub(9, 1) or kind, rep.sub(9, 2), rep.sub(9, 3), scope, default="practitioner"
        )
        out["identifier"] = {"system": system, "value": value}
    if display := " ".join(filter(None, (rep[6], rep[3], rep[4], rep.sub(2, 1), rep[5]))):
        out["display"] = display
    return out if len(out) > 1 else None


def _assembled(rep: Rep) -> str:
    if not rep[7]:
        return ""
    country = f"+{rep[5].lstrip('+')}" if rep[5] else ""
    extension = f"ext. {rep[8]}" if rep[8] else ""
    return " ".join(filter(None, (country, rep[6], rep[7], extension)))
