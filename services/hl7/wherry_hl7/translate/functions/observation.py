"""What an OBX says that a line of a map cannot: status, value, range and what it is known by."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import DATA_ABSENT, DATA_ABSENT_REASON
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import coded
from wherry_hl7.translate.converters.numbers import reference_range, units_of
from wherry_hl7.translate.functions.category import categories
from wherry_hl7.translate.functions.interpretation import interpretations
from wherry_hl7.translate.functions.notes import annotation
from wherry_hl7.translate.functions.report import order_of
from wherry_hl7.translate.functions.value import values

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
_UNKNOWN_CODE = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}

# A report's status that says the same of every result in it.
_STATUS_OF_ALL = frozenset({"final", "corrected", "preliminary"})

# Resources whose part a result is, the nearest first.
_ABOVE = ("DiagnosticReport", "ServiceRequest", "Encounter", "Patient")


@function("observation_identity")
def observation_identity(obx: Segment, at: At) -> Identifier:
    """What stands above it, its code and its sub-id; never its value, time or status."""
    code = coded(obx, 3, at.scope)
    codings = code.get("coding")
    said = codings[0]["code"] if codings else code.get("text", "")
    above = next((made.key for name in _ABOVE if (made := at.find(name))), "")
    if not above:
        above = key("message", at.scope.message_key)
    value = at.draft.unique(f"{above}/{key(said, obx.field(4).strip())}")
    return {"system": at.scope.own("observation"), "value": value}


@function("observation_code")
def observation_code(obx: Segment, out: Resource, at: At) -> None:
    """OBX-3; said to be unknown when there is none."""
    code = coded(obx, 3, at.scope)
    out["code"] = code or _UNKNOWN_CODE
    if not code:
        at.scope.warn("OBX-3", "no code; the observation has none")


@function("observation_status")
def observation_status(obx: Segment, out: Resource, at: At) -> None:
    """OBX-11, else what OBR-25 says of all results."""
    code = obx.text(11).strip().upper()
    if code in _STATUS:
        out["status"] = _STATUS[code]
        return
    of_all = order_of(at).status
    out["status"] = of_all if not code and of_all in _STATUS_OF_ALL else "unknown"
    if code:
        at.scope.warn("OBX-11", "no status of table 0085")


@function("observation_category")
def observation_category(obx: Segment, out: Resource, at: At) -> None:
    """vital-signs by LOINC code, else what OBR-24 says."""
    del obx
    code: CodeableConcept = out["code"]
    if category := categories(code, order_of(at).section):
        out["category"] = category


@function("observation_time")
def observation_time(obx: Segment, out: Resource, at: At) -> None:
    """OBX-14, else the order's time; never the message's."""
    scope, order = at.scope, order_of(at)
    if raw := scope.text(obx, 14):
        scope.set_date_time(out, "effectiveDateTime", raw, "OBX-14")
    if "effectiveDateTime" not in out and order.taken:
        out.pop("_effectiveDateTime", None)
        out.update(order.taken)
    if order.issued:
        out["issued"] = order.issued


@function("observation_value")
def observation_value(obx: Segment, out: Resource, at: At) -> None:
    """The value, one component for each of several, or the reason why there is none.

    Units: OBX-6 as it was sent, with its UCUM code where it has one; digits stay (98.60).
    """
    scope = at.scope
    units = units_of(obx, scope)
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
        reason = _ABSENT.get(obx.text(11).strip().upper(), "unknown")
        out["dataAbsentReason"] = {"coding": [{"system": DATA_ABSENT, "code": reason}]}


@function("observation_interpretation")
def observation_interpretation(obx: Segment, out: Resource, at: At) -> None:
    """OBX-8."""
    if obx.field(8) and (meaning := interpretations(obx, at.scope)):
        out["interpretation"] = meaning


@function("observation_range")
def observation_range(obx: Segment, out: Resource, at: At) -> None:
    """OBX-7: its text always, low and high where it says them plainly."""
    raw = obx.field(7)
    if not raw:
        return
    scope = at.scope
    units = units_of(obx, scope)
    plain = scope.text(obx, 7)
    if plain and plain == raw:
        out["referenceRange"] = [reference_range(plain, units)]
        return
    found: list[dict[str, Any]] = [
        reference_range(text, units) for rep in obx[7].reps if (text := rep.whole)
    ]
    if found:
        out["referenceRange"] = found


@function("observation_note")
def observation_note(obx: Segment, out: Resource, at: At) -> None:
    """The comments below it."""
    del obx
    if (notes := at.notes()) and (said := annotation(notes, at.scope)):
        out["note"] = [said]
