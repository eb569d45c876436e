"""Where a vaccination was given: RXA-27, else RXA-11, with the address of RXA-28."""

from typing import Any

from wherry.hl7.segment import Rep, Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.places import pl_identity

_PARTS = (1, 2, 3, 7, 8)


@function("immunization_place")
def immunization_place(rxa: Segment, out: Resource, at: At) -> None:
    """A Location where its parts name one; an address alone is text."""
    address = _address(rxa, at)
    for field, converted in ((27, "PL.Location"), (11, "LA2.Location")):
        rep = rxa[field].first
        place = at.scope.convert(converted, rep, at) if rep.raw else None
        if place:
            identifier = pl_identity(rep, at)
            if identifier and address:
                at.refer("Location", identifier, {"address": address}, ("*",))
            out["location"] = place
            return
    if address:
        out["location"] = {"type": "Location", "display": _line(address)}


def _address(rxa: Segment, at: At) -> dict[str, Any]:
    rep = rxa[28].first
    found: dict[str, Any] | None = at.scope.convert("XAD.Address", rep, at) if rep.raw else None
    return found or {}


def _line(address: dict[str, Any]) -> str:
    parts = [*address.get("line", ()), *(address.get(n) for n in ("city", "state", "postalCode"))]
    return ", ".join(part for part in parts if part)


@converter("LA2.name")
def la2_name(rep: Rep, at: At) -> str:
    """What a place with an address in its later components is called: its parts."""
    del at
    parts = [rep[number].strip() for number in _PARTS]
    return " ".join(part for part in (*parts, rep.sub(4, 1).strip() or rep.sub(4, 2)) if part)
