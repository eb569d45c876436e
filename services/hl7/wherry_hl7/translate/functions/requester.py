"""Who orders (ORC-12, OBR-16) and for which organization (ORC-21) become a requester."""

from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.people import xcn_identity
from wherry_hl7.translate.converters.places import producer_identity, xon_identity
from wherry_hl7.translate.functions.order_numbers import orc_of

_ALL_WEAK = ("*",)
"""A person or an organization named in passing: only gaps are filled."""


@function("requester")
def requester(segment: Segment, out: Resource, at: At) -> None:
    """The person; with an organization the person's role there; else the organization alone.

    Source: HL7 v2-to-FHIR, Segment ORC to ServiceRequest, ORC-12 and ORC-21 to ORC-24.
    """
    orc = orc_of(segment, at)
    who = _who(segment, orc)
    person = at.scope.convert("XCN.Practitioner", who, at) if who else None
    if orc is None:
        organization, named = None, ""
    else:
        _address_of(orc, who, at)
        organization, named = _organization(orc, at)
    if person and organization and who:
        out["requester"] = _role(who, person, organization, named, at)
    elif person or organization:
        out["requester"] = person or organization


def _who(segment: Segment, orc: Segment | None) -> Rep | None:
    for one, number in ((orc, 12), (segment if segment.name == "OBR" else None, 16)):
        if one is not None and one.field(number) and (rep := one[number].first).raw:
            return rep
    return None


def _address_of(orc: Segment, who: Rep | None, at: At) -> None:
    """ORC-24 as the person's address."""
    identifier = xcn_identity(who, at) if who and orc.field(24) else None
    if identifier and (address := _all("XAD.Address", orc, 24, at)):
        at.scope.take(orc, frozenset({24}))
        at.refer("Practitioner", identifier, {"address": address}, _ALL_WEAK)


def _organization(orc: Segment, at: At) -> tuple[Reference | None, str]:
    """ORC-21 with its address and telephone; else ORC-17, where it was entered. And its key."""
    for number, kind in ((21, "XON.Organization"), (17, "CWE.Organization")):
        rep = orc[number].first
        if not rep.raw or not (made := at.scope.convert(kind, rep, at)):
            continue
        at.scope.take(orc, frozenset({number}))
        more = {
            "address": _all("XAD.Address", orc, 22, at),
            "telecom": _all("XTN.ContactPoint", orc, 23, at),
        }
        said = {name: value for name, value in more.items() if value}
        identifier = (xon_identity if number == 21 else producer_identity)(rep, at)
        if number == 21 and said and identifier:
            at.refer("Organization", identifier, said, _ALL_WEAK)
        reference: Reference = made
        name = key(identifier["system"], identifier["value"]) if identifier else rep.raw
        return reference, name
    return None, ""


def _role(who: Rep, person: Reference, organization: Reference, place: str, at: At) -> Reference:
    """The person at the organization; known by both, by names where there are no numbers."""
    number = xcn_identity(who, at)
    named = key(number["system"], number["value"]) if number else key(person.get("display", ""))
    identifier: Identifier = {
        "system": at.scope.own("practitioner-role"),
        "value": f"{named}/{place}",
    }
    elements = {"practitioner": person, "organization": organization}
    role = at.refer("PractitionerRole", identifier, elements, _ALL_WEAK)
    display = ", ".join(filter(None, (person.get("display"), organization.get("display"))))
    return {**role, **({"display": display} if display else {})}


def _all(converter: str, segment: Segment, number: int, at: At) -> list[Any]:
    found: list[Any] = []
    for rep in segment[number].reps:
        made = at.scope.convert(converter, rep, at) if rep.raw else None
        found += made if isinstance(made, list) else [made] if made else []
    return found
