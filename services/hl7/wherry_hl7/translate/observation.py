"""OBX becomes an Observation, known by its report, its code and its sub-id."""

from typing import Any

from wherry.fhir.systems import DATA_ABSENT
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Identifier, Reference, Resource
from wherry_hl7.translate import people
from wherry_hl7.translate.category import categories
from wherry_hl7.translate.codes import coded
from wherry_hl7.translate.identifiers import authority
from wherry_hl7.translate.interpretation import interpretations
from wherry_hl7.translate.numbers import reference_range, units_of
from wherry_hl7.translate.places import organization
from wherry_hl7.translate.report import UNKNOWN_CODE, Order
from wherry_hl7.translate.scope import Scope
from wherry_hl7.translate.value import values

_MAPPED = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 11, 14, 15, 16, 17, 18, 20, 21, 23})

# Source: HL7 v2-to-FHIR, ObservationStatus (table 0085), its blanks decided: I, N and O wait for a
# result, R and S have one that is not verified, U, B and V are final in another way.
_STATUS = {
    "F": "final", "C": "corrected", "P": "preliminary", "A": "amended",
    "D": "entered-in-error", "W": "entered-in-error", "X": "cancelled", "I": "registered",
    "R": "preliminary", "S": "preliminary", "U": "final", "B": "final", "V": "final",
    "N": "registered", "O": "registered",
}  # fmt: skip

# Why there is no value, by OBX-11. Source: HL7 v2-to-FHIR; FHIR R4 data-absent-reason
_ABSENT = {"X": "not-performed", "N": "not-asked"}

_TEXTS = frozenset({"ST", "TX", "FT", ""})


def code_key(code: CodeableConcept, obx: Segment) -> tuple[str, str]:
    """What was observed and which of several it is: OBX-3 and OBX-4, as parts of an identity."""
    codings = code.get("coding")
    return codings[0]["code"] if codings else code.get("text", ""), obx.field(4).strip()


def observation(
    obx: Segment,
    code: CodeableConcept,
    *,
    identifier: Identifier,
    subject: Reference | None,
    encounter: Reference | None,
    order: Order,
    note: Resource | None,
    scope: Scope,
) -> Resource:
    """Translate one OBX with its OBX-3; `order` is what the OBR above it says of all its results.

    Units: OBX-6 as it was sent, with its UCUM code where it has one; digits stay (98.60).
    Source: HL7 v2-to-FHIR, Segment OBX to Observation.
    """
    scope.take(obx, _MAPPED)
    status = obx.text(11).strip().upper()
    elements: dict[str, Any] = {
        "identifier": [identifier],
        "status": _status(status, order, scope),
        "code": code or UNKNOWN_CODE,
    }
    if subject:
        elements["subject"] = subject
    if not code:
        scope.warn("OBX-3", "no code; the observation has none")
    if encounter:
        elements["encounter"] = encounter
    if category := categories(code, order.section):
        elements["category"] = category
    _say_when(elements, obx, order, scope)
    units = units_of(obx, scope)
    _say_what(elements, obx, status, units, scope)
    if obx.field(8) and (meaning := interpretations(obx, scope)):
        elements["interpretation"] = meaning
    if obx.field(7) and (ranges := _ranges(obx, units, scope)):
        elements["referenceRange"] = ranges
    if note:
        elements["note"] = [note]
    if len(obx) >= _RARE[0] and any(map(obx.field, _RARE)):
        _say_rest(elements, obx, scope)
    return scope.stamped("Observation", elements)


def _ranges(obx: Segment, units: dict[str, str], scope: Scope) -> list[Resource]:
    plain = scope.text(obx, 7)
    if plain and plain == obx.field(7):
        return [reference_range(plain, units)]
    return [reference_range(text, units) for rep in obx[7].reps if (text := rep.whole)]


_RARE = (15, 16, 17, 18, 20, 21, 23)


def _status(code: str, order: Order, scope: Scope) -> str:
    if code in _STATUS:
        return _STATUS[code]
    if code:
        scope.warn("OBX-11", "no status of table 0085")
        return "unknown"
    return order.status if order.status in _STATUS_OF_ALL else "unknown"


# A report's status that says the same of every result in it.
_STATUS_OF_ALL = frozenset({"final", "corrected", "preliminary"})


def _say_when(out: Resource, obx: Segment, order: Order, scope: Scope) -> None:
    """OBX-14, else the order's time; never the message's."""
    if raw := scope.text(obx, 14):
        scope.set_date_time(out, "effectiveDateTime", raw, "OBX-14")
    if "effectiveDateTime" not in out and order.taken:
        out.pop("_effectiveDateTime", None)
        out.update(order.taken)
    if order.issued:
        out["issued"] = order.issued


def _say_what(
    out: Resource, obx: Segment, status: str, units: dict[str, str], scope: Scope
) -> None:
    """The value, one component for each of several, or the reason why there is none."""
    found = values(obx, units, scope)
    if len(found) > 1 and obx.field(2).strip().upper() in _TEXTS:
        found = [{"valueString": "\n".join(one["valueString"] for one in found)}]
    if len(found) == 1:
        out.update(found[0])
    elif found:
        out["component"] = [{"code": out["code"], **one} for one in found]
    if units and found and "valueString" in found[0] and units["unit"] not in str(found[0]):
        scope.warn("OBX-6", "the value is no number; its unit was not used")
    if not found:
        reason = _ABSENT.get(status, "unknown")
        out["dataAbsentReason"] = {"coding": [{"system": DATA_ABSENT, "code": reason}]}


def _say_rest(out: Resource, obx: Segment, scope: Scope) -> None:
    performers = [who for rep in obx[16].reps if (who := people.practitioner(rep, scope))]
    performers += [who for n in (23, 15) if (who := _laboratory(obx, n, scope))][:1]
    if performers:
        out["performer"] = performers
    for number, element in ((17, "method"), (20, "bodySite")):
        if obx.field(number) and (said := coded(obx, number, scope)):
            out[element] = said
    device = obx[18].first
    if value_ := device[1].strip():
        system = authority(device[2], device[3], device[4], scope, default="device")
        out["device"] = {"type": "Device", "identifier": {"system": system, "value": value_}}
    instance = obx[21].first
    if value_ := instance[1].strip():
        system = authority(instance[2], instance[3], instance[4], scope, default="observation-id")
        out["identifier"] = [*out["identifier"], {"system": system, "value": value_}]


def _laboratory(obx: Segment, number: int, scope: Scope) -> Reference | None:
    """Who performed it: the organization of OBX-23, else the producer of OBX-15 (a CWE)."""
    rep = obx[number].first
    if number == 23:
        return organization(rep, scope)
    name, code = rep[2].strip(), rep[1].strip()
    out: Reference = {"type": "Organization"}
    if code:
        system = authority(rep[3], rep[14], "", scope, default="organization")
        out["identifier"] = {"system": system, "value": code}
    if name:
        out["display"] = name
    return out if len(out) > 1 else None
