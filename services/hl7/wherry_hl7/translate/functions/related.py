"""Who belongs to a patient (NK1, GT1, the insured of IN1), by number, else by name and kind."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import US_SSN
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.converters.identifiers import TYPES, of_cx, typed
from wherry_hl7.translate.converters.places import xon_identity

SELF = frozenset({"SEL", "SELF", "SLF", "18"})
"""Table 0063 (and X12's 18): the person is the patient."""

_NEEDED = ("name", "telecom", "address", "organization")  # FHIR R4 Patient pat-1


@function("kin_identity")
def kin_identity(nk1: Segment, at: At) -> Identifier | None:
    """NK1-33, else the name with the relationship, else the organization, else the relationship.

    Two of one message that nothing tells apart stay two. NK1-37 alone would put a civil number
    into what others refer to, so it is an identifier but not the identity. None for an NK1 that
    says nothing but its own number.
    """
    if not any(map(nk1.field, range(2, len(nk1) + 1))):
        return None
    first = nk1[33].first
    if first[1].strip():
        return related(at, first, nk1[2].first, nk1[3].first, apart=True)
    name = nk1[2].first if nk1.field(2) or nk1.field(13) else nk1[30].first
    if not _said(name) and (organization := (nk1.text(13) or nk1.text(13, 10)).strip()):
        return _within(at, key("organization", organization.casefold(), _kind(nk1[3].first)), True)
    return related(at, None, name, nk1[3].first, apart=True)


@function("guarantor_identity")
def guarantor_identity(gt1: Segment, at: At) -> Identifier | None:
    """GT1-2, else the name with the relationship: the same person as in NK1 is the same."""
    return related(at, None, gt1[3].first, gt1[11].first) or related(
        at, gt1[2].first, gt1[3].first, gt1[11].first
    )


@function("guarantor_organization_identity")
def guarantor_organization_identity(gt1: Segment, at: At) -> Identifier | None:
    """The organization that pays, by its name (GT1-21)."""
    name = gt1.text(21).strip()
    return {"system": at.scope.own("organization"), "value": name} if name else None


def related(
    at: At, number: Rep | None, name: Rep, relationship: Rep, *, apart: bool = False
) -> Identifier | None:
    """The identity of a person within a patient; None when neither a number nor a name is there."""
    if number is not None and number[1].strip():
        found = of_cx(number, at.scope, number.at, unnamed="person")
        if found is not None:
            return _within(at, key("id", found["system"], found["value"]), apart)
    if said := _said(name):
        return _within(at, key(*said, _kind(relationship)), apart)
    return _within(at, key("unnamed", _kind(relationship)), apart) if apart else None


def _said(name: Rep) -> tuple[str, ...]:
    parts = tuple(" ".join(name[number].split()).casefold() for number in (1, 2, 3))
    return parts if any(parts) else ()


def _kind(relationship: Rep) -> str:
    return token(relationship[1] or relationship[2]).upper()


def _within(at: At, value: str, apart: bool) -> Identifier | None:
    patient = at.find("Patient")
    if patient is None:
        return None
    value = f"{patient.key}/{value}"
    if apart:
        value = at.draft.unique(f"related-person:{value}").partition(":")[2]
    return {"system": at.scope.own("related-person"), "value": value}


@function("social_security_of")
def social_security_of(segment: Segment, out: Resource, at: At, field: int) -> None:
    """A social security number, of the US when it has nine digits."""
    number = segment.text(field).strip()
    if not number:
        return
    digits = number.replace("-", "")
    us = len(digits) == 9 and digits.isdecimal()
    made = {"system": US_SSN if us else at.scope.own("person-ss"), "value": number}
    out["identifier"] = [*out["identifier"], {**typed("SS"), **made}]


@function("contact_of_patient")
def contact_of_patient(nk1: Segment, out: Resource, at: At) -> None:
    """The RelatedPerson just made, as one more of the people to contact."""
    made = at.here.get("RelatedPerson")
    if made is None:
        return
    kin = made.resource
    contact: dict[str, Any] = {
        name: kin[name] for name in ("relationship", "telecom", "gender", "period") if name in kin
    }
    for name in ("name", "address"):
        if name in kin:
            contact[name] = kin[name][0]
    if organization := at.here.get("Organization"):
        contact["organization"] = organization.reference
    if any(name in contact for name in _NEEDED):
        out["contact"] = [*out.get("contact", ()), contact]


@function("kin_organization_identity")
def kin_organization_identity(nk1: Segment, at: At) -> Identifier | None:
    """The organization of NK1-13 (an XON)."""
    return xon_identity(nk1[13].first, at)


@function("contact_at_organization")
def contact_at_organization(nk1: Segment, out: Resource, at: At) -> None:
    """NK1-30 to NK1-32 and NK1-41: whom to ask for, and how.

    Source: HL7 v2-to-FHIR, NK1[Patient].
    """
    contact: dict[str, Any] = {}
    if nk1.field(30) and (name := at.scope.convert("XPN.HumanName", nk1[30].first, at)):
        contact["name"] = name
    numbers = [
        point
        for field in (31, 41)
        for rep in nk1[field].reps
        for point in at.scope.convert("XTN.ContactPoint", rep, at) or ()
    ]
    if numbers:
        contact["telecom"] = numbers
    if nk1.field(32) and (address := at.scope.convert("XAD.Address", nk1[32].first, at)):
        contact["address"] = address
    if contact:
        out["contact"] = [contact]


def number_type(code: str) -> str:
    """A type of identifier that v2-0203 has; empty for others."""
    return code if code in TYPES else ""
