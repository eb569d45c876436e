"""Places and organizations (PL, XON, DLD) become references by identifier and name."""

from wherry.fhir.identity import key
from wherry.hl7.segment import Rep
from wherry.resource import Reference
from wherry_hl7.translate.identifiers import authority
from wherry_hl7.translate.scope import Scope

_PARTS = (1, 2, 3, 7, 8)  # point of care, room, bed, building, floor; PL-4 is the facility


def location(rep: Rep, scope: Scope) -> Reference | None:
    """One PL as a reference to a Location; None when no part of a place was sent.

    Source: HL7 v2.5.1 §2.A.53 PL; FHIR R4 Reference.identifier.
    """
    parts = [rep[number].strip() for number in _PARTS]
    facility = rep.sub(4, 1).strip()
    named = [part for part in (*parts, facility) if part]
    described = rep[9].strip()
    if not named and not described:
        return None
    out: Reference = {"type": "Location"}
    if named:
        value = key(*parts[:3], facility, *parts[3:]).rstrip("/")
        out["identifier"] = {"system": scope.own("location"), "value": value}
    out["display"] = described or " ".join(named)
    return out


def organization(rep: Rep, scope: Scope) -> Reference | None:
    """One XON, CWE or EI-like name as a reference to an Organization; None when it is empty.

    Source: HL7 v2.5.1 §2.A.88 XON: name, id number (3 or 10), assigning authority (6).
    """
    name = rep[1].strip()
    number = (rep[10] or (rep[3] if rep.component(6) else "")).strip()
    out: Reference = {"type": "Organization"}
    if number:
        system = authority(
            rep.sub(6, 1), rep.sub(6, 2), rep.sub(6, 3), scope, default="organization"
        )
        out["identifier"] = {"system": system, "value": number}
    if name:
        out["display"] = name
    return out if len(out) > 1 else None


def facility(rep: Rep, scope: Scope) -> Reference | None:
    """The facility of a PL (PL-4, an HD) as a reference to an Organization."""
    name = rep.sub(4, 1).strip()
    if not name:
        return None
    return {
        "type": "Organization",
        "identifier": {"system": scope.own("organization"), "value": name},
        "display": name,
    }
