"""RXO, RXE, RXD and RXA with their RXR and TQ1 become dosages: how much, how, when, how fast."""

from dataclasses import dataclass
from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON, v2_table
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.mapping.table import Row
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.functions.amounts import amounts, known_amount, per_day, rate
from wherry_hl7.translate.functions.belongings import of_order
from wherry_hl7.translate.functions.timing import Schedule, schedules


@dataclass(frozen=True, slots=True)
class Places:
    """Where a segment says what of a dosage; 0 where it does not."""

    least: int = 0
    most: int = 0
    unit: int = 0
    rate: int = 0
    rate_unit: int = 0
    per: int = 0
    daily: int = 0
    instructions: int = 0


# Source: HL7 v2.5.1 §4.14.1, §4.14.4, §4.14.5
_PLACES = {
    "RXO": Places(2, 3, 4, 21, 22, 17, 23, 7),
    "RXE": Places(3, 4, 5, 23, 24, 22, 19, 7),
    "RXD": Places(daily=12),
}

# The parts of an RXR: field, element, table, and the HL7 table of its own codes.
# Source: HL7 v2-to-FHIR, RXR to MedicationRequest
_ROUTES = (
    (1, "route", "RouteOfAdministration", "0162"),
    (2, "site", "AdministrationSite", "0163"),
    (4, "method", "AdministrationMethod", "0165"),
)
_RXR_MAPPED = frozenset({1, 2, 4})


@function("dosages")
def dosages(segment: Segment, out: Resource, at: At) -> None:
    """One dosage for each schedule, in their order; each with the dose and the way of giving."""
    place = _PLACES[segment.name]
    base: dict[str, Any] = {}
    instructions = [
        said
        for rep in (segment[place.instructions].reps if place.instructions else ())
        if rep.raw and (said := _instruction(rep, at))
    ]
    if instructions:
        base["additionalInstruction"] = instructions
    routed(segment, base, at)
    dose = amounts(segment, place.least, place.most, place.unit, at) if place.least else {}
    total = segment[place.daily].first
    if total.raw and (daily := at.scope.convert("CQ.Quantity", total, at)):
        base["maxDosePerPeriod"] = per_day(daily)
    found = [
        _dosage(one, base, dose, segment, at) for one in schedules(segment, at) or [Schedule()]
    ]
    found = [one for one in found if one]
    if len(found) > 1:
        found = [{"sequence": n, **one} for n, one in enumerate(found, 1)]
    if found:
        out["dosageInstruction"] = found


def _dosage(
    when: Schedule, base: dict[str, Any], dose: dict[str, Any], segment: Segment, at: At
) -> dict[str, Any]:
    made = dict(base)
    texts = [text for text in (when.condition, when.instruction) if text.strip()]
    if when.as_needed and when.condition:
        made["asNeededCodeableConcept"] = {"text": when.condition}
        texts = texts[1:]
    elif when.as_needed:
        made["asNeededBoolean"] = True
    if texts:
        more = [{"text": text} for text in texts]
        made["additionalInstruction"] = [*made.get("additionalInstruction", ()), *more]
    if timing := when.timing:
        made["timing"] = timing
    amount = dose or ({"doseQuantity": when.quantity} if when.quantity else {})
    place = _PLACES[segment.name]
    one = amount.get("doseQuantity", {})
    speed = rate(segment, at, value=place.rate, unit=place.rate_unit, per=place.per, dose=one)
    if amount or speed:
        made["doseAndRate"] = [{**amount, **speed}]
    return made


def _instruction(rep: Rep, at: At) -> CodeableConcept:
    """A code, or the sentence that stands where a code could."""
    said = concept(rep, at.scope)
    codings = said.get("coding", [])
    if "text" in said or any("system" in one for one in codings):
        return said
    return {"text": codings[0]["code"]} if codings else said


def routed(segment: Segment, out: dict[str, Any], at: At) -> None:
    """Route, site and method of the first RXR that belongs to a segment."""
    found = of_order("RXR", segment, at)
    if len(found) > 1:
        at.scope.warn("RXR", "several routes; a dosage has room for one")
    if not found:
        return
    rxr = found[0]
    at.scope.take(rxr, _RXR_MAPPED)
    for number, element, table, own in _ROUTES:
        if rxr.field(number) and (said := _coded(rxr, number, table, own, at)):
            out[element] = said


def _coded(rxr: Segment, number: int, table: str, own: str, at: At) -> dict[str, Any]:
    rep = rxr[number].first
    said = concept(rep, at.scope, table=v2_table(own))
    row: Row | None = at.scope.tables[table].get(rep[1])
    if row is None or not row.to:
        return dict(said)
    ours = {"system": row.system, "code": row.to, "display": row.display}
    kept = [
        one
        for one in said.get("coding", ())
        if (one.get("system"), one["code"]) != (row.system, row.to)
    ]
    return {**said, "coding": [ours, *kept]}


@function("administered_dosage")
def administered_dosage(rxa: Segment, out: Resource, at: At) -> None:
    """RXA-6, 7 and 12 with RXR: what was given, how and how fast. Source: FHIR R4 mad-1."""
    made: dict[str, Any] = {}
    routed(rxa, made, at)
    dose = known_amount(rxa, 6, 7, at)
    if dose:
        made["dose"] = dose
    made |= rate(rxa, at, value=0, unit=0, per=12, dose=dose)
    if made:
        made.setdefault("dose", _UNKNOWN_DOSE)
        out["dosage"] = made


# A dosage has a dose or a rate, or says that it is not known. Source: FHIR R4 mad-1
_UNKNOWN_DOSE = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}
