"""What an OBX says that a line of a map cannot: status, time, notes and what it is known by."""

from wherry.fhir.identity import key
from wherry.fhir.systems import DATA_ABSENT_REASON
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import coded, token
from wherry_hl7.translate.converters.numbers import number as number_of
from wherry_hl7.translate.functions.category import VITAL, is_vital
from wherry_hl7.translate.functions.monitor import is_monitor_result, moment_key, with_loinc
from wherry_hl7.translate.functions.narrative import text_of
from wherry_hl7.translate.functions.notes import annotations
from wherry_hl7.translate.functions.report import order_of

_UNKNOWN_CODE = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}

_SUB_ID = "http://hl7.org/fhir/StructureDefinition/observation-v2-subid"
_NUMBERED = frozenset({"group", "sequence"})
_ANALYSED = "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time"

# A report's status that says the same of every result in it.
_STATUS_OF_ALL = frozenset({"final", "corrected", "preliminary"})

# Resources whose part a result is, the nearest first.
_PHARMACY = ("MedicationAdministration", "MedicationDispense", "MedicationRequest")
_ABOVE = ("DiagnosticReport", "ServiceRequest", *_PHARMACY, "Encounter", "Patient")
_SPECIMENS = frozenset({"SPECIMEN", "SPECIMEN_OBSERVATION"})


@function("observation_identity")
def observation_identity(obx: Segment, at: At) -> Identifier:
    """What stands above it, its code and its sub-id; never its value, time or status."""
    if is_monitor_result(obx, at):
        value = at.draft.unique(moment_key(obx, at))
        return {"system": at.scope.own("observation"), "value": value}
    code = coded(obx, 3, at.scope)
    codings = code.get("coding")
    said = codings[0]["code"] if codings else code.get("text", "")
    above = ""
    for name in _ABOVE:
        if (made := at.environment.get(name)) is not None:
            above = made.key
            break
    if at.group.name in _SPECIMENS:  # the same code may also be a result that was ordered
        specimen = at.find("Specimen")
        report = at.find("DiagnosticReport")
        above = f"{above}/specimen" if report or not specimen else specimen.key
    if not above:
        above = key("message", at.scope.message_key)
    value = at.draft.unique(f"{above}/{key(said, obx.field(4).strip())}")
    return {"system": at.scope.own("observation"), "value": value}


@function("observation_code")
def observation_code(obx: Segment, out: Resource, at: At) -> None:
    """OBX-3; said to be unknown when there is none."""
    code = coded(obx, 3, at.scope)
    if code and is_monitor_result(obx, at):
        code = with_loinc(obx, code, at)
    out["code"] = code or _UNKNOWN_CODE
    if not code:
        at.scope.warn("OBX-3", "no code; the observation has none")


@function("observation_status")
def observation_status(obx: Segment, out: Resource, at: At) -> None:
    """OBX-11, else what OBR-25 says of all results."""
    code = obx.text(11).strip()
    row = at.scope.tables["ObservationStatus"].get(code) if code else None
    if row is not None:
        out["status"] = row.to
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
    if category := VITAL if is_vital(code) else order_of(at).category:
        out["category"] = category


@function("observation_time")
def observation_time(obx: Segment, out: Resource, at: At) -> None:
    """OBX-14, else the order's time; never the message's."""
    scope, order = at.scope, order_of(at)
    if raw := obx.text(14):
        scope.set_date_time(out, "effectiveDateTime", raw, "OBX-14")
    if "effectiveDateTime" not in out and order.taken:
        out.pop("_effectiveDateTime", None)
        out.update(order.taken)
    if order.issued:
        out["issued"] = order.issued


@function("observation_note")
def observation_note(obx: Segment, out: Resource, at: At) -> None:
    """The comments below it, or below the last line of its text."""
    text = text_of(obx, at)
    notes = text.notes if text is not None else at.notes()
    if notes and (said := annotations(notes, at)):
        out["note"] = said


@function("sub_id")
def sub_id(obx: Segment, out: Resource, at: At) -> None:
    """OBX-4, which tells which results belong together. Source: HL7 v2-to-FHIR, OG[Extension]."""
    if not obx.field(4):
        return
    del at
    rep = obx[4].first
    parts: list[Resource] = []
    for number, name in enumerate(
        ("original-sub-identifier", "group", "sequence", "identifier"), 1
    ):
        text = rep[number].strip()
        if not text:
            continue
        if name in _NUMBERED:
            if (found := number_of(text)) and "comparator" not in found:
                parts.append({"url": name, "valueDecimal": found["value"]})
        else:
            parts.append({"url": name, "valueString": text})
    if parts:
        out["extension"] = [*out.get("extension", ()), {"url": _SUB_ID, "extension": parts}]


@function("analysis_time")
def analysis_time(obx: Segment, out: Resource, at: At) -> None:
    """OBX-19, for which R4 has no element. Source: HL7 v2-to-FHIR, OBX-19."""
    said: Resource = {}
    at.scope.set_date_time(said, "valueDateTime", obx.text(19), "OBX-19")
    if "valueDateTime" in said:
        out["extension"] = [*out.get("extension", ()), {"url": _ANALYSED, **said}]


@function("access_checks")
def access_checks(obx: Segment, out: Resource, at: At) -> None:
    """OBX-13, who may see it by the sender's own rules, as a security label of the sender's own."""
    if code := token(obx[13].whole.strip()):
        label = {"system": at.scope.own("access-checks"), "code": code}
        held = out.get("meta", at.scope.meta)
        out["meta"] = {**held, "security": [*held.get("security", ()), label]}
