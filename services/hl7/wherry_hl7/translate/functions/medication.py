"""RXO, RXE, RXD, RXA and RXC become what medicine it is: a code, or a Medication with its parts."""

from dataclasses import dataclass
from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.functions.amounts import Quantity, amount
from wherry_hl7.translate.functions.belongings import following


@dataclass(frozen=True, slots=True)
class Places:
    """Where a segment says what of the medicine; 0 where it does not."""

    code: int
    form: int = 0
    strength: tuple[int, int] = (0, 0)
    volume: tuple[int, int] = (0, 0)
    lot: int = 0
    expires: int = 0
    maker: int = 0


# Source: HL7 v2.5.1 §4.14.1, §4.14.4, §4.14.5, §4.14.7
_PLACES = {
    "RXO": Places(1, 5, (18, 19), (25, 26)),
    "RXE": Places(2, 6, (25, 26), (33, 34)),
    "RXD": Places(2, 6, (16, 17), (28, 29), 18, 19, 20),
    "RXA": Places(5, 8, (13, 14), (23, 24), 15, 16, 17),
}
_HERE = "#medication"
_ABSENT = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}
_RXC_MAPPED = frozenset({1, 2, 3, 4})
_ONE: Quantity = {"value": 1}

# What a part of a mixture is: an additive is active, the base is not. Source: HL7 table 0166
_ACTIVE = {"A": True, "B": False}


@function("medication")
def medication(segment: Segment, out: Resource, at: At) -> None:
    """The code of the medicine; of a mixture, a Medication with its parts (RXC).

    Form, strength and lot are said of a Medication, which is among the further information.
    Source: HL7 v2-to-FHIR, RXO to MedicationRequest; FHIR R4 Medication.
    """
    place = _PLACES[segment.name]
    code = concept(segment[place.code].first, at.scope)
    more = _more(segment, place, code, at)
    parts = _parts(segment, at)
    if parts:
        more["ingredient"] = parts
    if more:
        named = {"code": code} if code else {}
        out["contained"] = [{"resourceType": "Medication", "id": _HERE[1:], **named, **more}]
    if parts:
        shown = code.get("text") or _shown(parts)
        out["medicationReference"] = {"reference": _HERE, **({"display": shown} if shown else {})}
        return
    if more:
        out["supportingInformation"] = [{"reference": _HERE}]
    out["medicationCodeableConcept"] = code or _ABSENT
    if not code:
        at.weak.append("medicationCodeableConcept")
        at.scope.warn(f"{segment.name}-{place.code}", "no code; which medicine is not known")


def _more(segment: Segment, place: Places, code: CodeableConcept, at: At) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if place.form and (form := concept(segment[place.form].first, at.scope)):
        made["form"] = form
    if strength := _strength(segment, place, at):
        made["ingredient"] = [{"itemCodeableConcept": code or _ABSENT, "strength": strength}]
    batch: dict[str, Any] = {}
    if place.lot and (lot := segment.text(place.lot).strip()):
        batch["lotNumber"] = lot
    if place.expires and (raw := segment.text(place.expires)):
        at.scope.set_date_time(batch, "expirationDate", raw, f"{segment.name}-{place.expires}")
    if batch:
        made["batch"] = batch
    maker = segment[place.maker].first if place.maker else None
    if maker and (who := at.scope.convert("CWE.Organization", maker, at)):
        made["manufacturer"] = who
    return made


def _strength(segment: Segment, place: Places, at: At) -> dict[str, Any]:
    """How much is in one of it, or in a volume."""
    value, unit = place.strength
    found = amount(segment, value, unit, at) if value else {}
    if not found:
        return {}
    return {"numerator": found, "denominator": amount(segment, *place.volume, at) or _ONE}


def _parts(segment: Segment, at: At) -> list[dict[str, Any]]:
    """The RXC that follow: bases and additives, each with its amount in the mixture."""
    found = []
    for rxc in following("RXC", segment, at):
        at.scope.take(rxc, _RXC_MAPPED)
        code = concept(rxc[2].first, at.scope)
        if not code:
            continue
        part: dict[str, Any] = {"itemCodeableConcept": code}
        active = _ACTIVE.get(rxc.text(1).strip().upper())
        if active is not None:
            part["isActive"] = active
        if quantity := amount(rxc, 3, 4, at):
            part["strength"] = {"numerator": quantity, "denominator": _ONE}
        found.append(part)
    return found


def _shown(parts: list[dict[str, Any]]) -> str:
    names = [
        said.get("text") or said["coding"][0]["code"]
        for part in parts
        if (said := part["itemCodeableConcept"])
    ]
    return " + ".join(names)
