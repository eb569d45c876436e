"""What names a place or an organization (PL, XON, HD) becomes its identifier."""

from typing import cast

from wherry.fhir.identity import key
from wherry.hl7.segment import Rep
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.identifiers import TYPES, assigner, authority, of_ei, typed

_KIND = "http://terminology.hl7.org/CodeSystem/location-physical-type"
# The parts of a PL from the finest on. Source: HL7 v2-to-FHIR, PL[Location]; PL-1 may be anything.
_KINDS = ((3, "bd", "Bed"), (2, "ro", "Room"), (8, "lvl", "Level"), (7, "bu", "Building"))
_PARTS = (1, 2, 3, 7, 8)  # point of care, room, bed, building, floor; PL-4 is the facility


@function("pl_identity")
def pl_identity(rep: Rep, at: At) -> Identifier | None:
    """A place by all its parts, from the bed to the facility. Source: HL7 v2.5.1 §2.A.53."""
    parts = [rep[number].strip() for number in _PARTS]
    facility = rep.sub(4, 1).strip()
    if not any((*parts, facility)):
        return None
    value = key(*parts[:3], facility, *parts[3:]).rstrip("/")
    return {"system": at.scope.own("location"), "value": value}


@converter("PL.name")
def pl_name(rep: Rep, at: At) -> str:
    """What a place is called: its description, else its parts."""
    del at
    parts = [rep[number].strip() for number in _PARTS]
    return rep[9].strip() or " ".join(filter(None, (*parts, rep.sub(4, 1).strip())))


@function("place_kind")
def place_kind(rep: Rep, out: Resource, at: At) -> None:
    """What the finest part of a place is, else what PL-6 calls it (table 0305)."""
    for number, code, display in _KINDS:
        if rep.component(number):
            out["physicalType"] = {"coding": [{"system": _KIND, "code": code, "display": display}]}
            return
    row = at.scope.tables["LocationPhysicalType"].get(rep[6]) if rep[6] else None
    if row is not None and row.to:
        coding = {"system": row.system, "code": row.to, "display": row.display}
        out["physicalType"] = {"coding": [coding]}


@converter("EI.Sub")
def ei_in_component(rep: Rep, at: At, unnamed: str = "entity") -> Identifier | None:
    """An EI in the subcomponents of a component, such as PL-10."""
    return of_ei(rep, at.scope, type_="", default=unnamed)


@function("xon_identity")
def xon_identity(rep: Rep, at: At) -> Identifier | None:
    """An organization's number (XON-10, else XON-3) under its authority, else its name here."""
    number = (rep[10] or (rep[3] if rep.component(6) else "")).strip()
    if number:
        named = (rep.sub(6, 1), rep.sub(6, 2), rep.sub(6, 3))
        kind = rep[7].strip().upper()
        kind = kind if kind in TYPES else ""  # some senders put the authority's name there
        system = authority(*named, at.scope, default="organization")
        made = {**typed(kind), "system": system, "value": number, **assigner(rep.sub(8, 1))}
        return cast(Identifier, made)
    name = rep[1].strip()
    return {"system": at.scope.own("organization"), "value": name} if name else None


@function("hd_identity")
def hd_identity(rep: Rep, at: At) -> Identifier | None:
    """The organization that an HD names: its universal id, else its name here."""
    name = (rep[1] or rep[2]).strip()
    return {"system": at.scope.own("organization"), "value": name} if name else None


@function("producer_identity")
def producer_identity(rep: Rep, at: At) -> Identifier | None:
    """The organization that a CWE names (OBX-15): its code under its code system's authority."""
    code = rep[1].strip() or rep[2].strip()
    if not code:
        return None
    if not rep[1].strip():
        return {"system": at.scope.own("organization"), "value": code}
    return {
        "system": authority(rep[3], rep[14], "", at.scope, default="organization"),
        "value": code,
    }


@function("facility_identity")
def facility_identity(rep: Rep, at: At) -> Identifier | None:
    """The facility of a PL (PL-4, an HD) as an organization here."""
    name = rep.sub(4, 1).strip()
    return {"system": at.scope.own("organization"), "value": name} if name else None


@function("device_identity")
def device_identity(rep: Rep, at: At) -> Identifier | None:
    """The device that an EI names."""
    value = rep[1].strip()
    if not value:
        return None
    return {"system": authority(rep[2], rep[3], rep[4], at.scope, default="device"), "value": value}
