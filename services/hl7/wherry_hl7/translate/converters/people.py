"""Telephone numbers (XTN) and the numbers that name people (XCN) become FHIR values."""

from typing import Any

from wherry.hl7.segment import Rep
from wherry.resource import Identifier
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import authority

# Source: HL7 v2-to-FHIR, TelecommunicationUseCode and TelecommunicationEquipmentType
_TELECOM_USE = {"PRN": "home", "ORN": "home", "VHN": "home", "WPN": "work", "PRS": "mobile"}
_TELECOM_SYSTEM = {"FX": "fax", "BP": "pager", "INTERNET": "email", "X.400": "email"}


@converter("XTN.ContactPoint")
def contact_points(rep: Rep, at: At, use: str = "") -> list[dict[str, Any]]:
    """One XTN as ContactPoints: its number and its mail address; `use` is the field's meaning.

    The number is XTN-12, else XTN-1 (up to 2.5), else put together from XTN-5 to XTN-8.
    """
    del at
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


@converter("SAD.line")
def street(rep: Rep, at: At) -> str:
    """The street address of an XAD-1; house number and street name where only those were sent."""
    del at
    return rep[1] or " ".join(filter(None, (rep[3], rep[2])))


@function("xcn_identity")
def xcn_identity(rep: Rep, at: At) -> Identifier | None:
    """The number of a person (XCN-1) under its authority (XCN-9, else the kind of XCN-13)."""
    value = rep[1].strip()
    if not value:
        return None
    kind = rep[13].strip().upper() if not rep.component(9) else ""
    named = (rep.sub(9, 1) or kind, rep.sub(9, 2), rep.sub(9, 3))
    return {"system": authority(*named, at.scope, default="practitioner"), "value": value}


@function("ndl_identity")
def ndl_identity(rep: Rep, at: At) -> Identifier | None:
    """The number in an NDL, whose name (CNN) sits in the subcomponents of its first component."""
    value = rep.sub(1, 1).strip()
    if not value:
        return None
    return {"system": at.scope.own("practitioner"), "value": value}


def _assembled(rep: Rep) -> str:
    if not rep[7]:
        return ""
    country = f"+{rep[5].lstrip('+')}" if rep[5] else ""
    extension = f"ext. {rep[8]}" if rep[8] else ""
    return " ".join(filter(None, (country, rep[6], rep[7], extension)))
