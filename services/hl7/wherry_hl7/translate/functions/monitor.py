"""What bedside monitors say in an OBX (IHE PCD-01): MDC codes, readings that are none, flags."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import SOURCE_VALUE
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.mapping.table import Row
from wherry_hl7.translate.at import At

# Numbers that stand for no number. Source: IEEE 11073-20601 FLOAT; FHIR R4 data-absent-reason
_NO_NUMBER = {
    "8388607": "not-a-number", "NAN": "not-a-number", "8388608": "unknown", "-8388608": "unknown",
    "8388606": "positive-infinity", "8388610": "negative-infinity", "-8388606": "negative-infinity",
}  # fmt: skip
_NO_READING = frozenset("-*?.")

# Weight, height and body mass index, which are never 0. Source: IEEE 11073-10101
_NEVER_ZERO = frozenset({"188736", "188740", "188752"})
_ZERO = frozenset("0.")


def is_monitor_result(obx: Segment, at: At) -> bool:
    """Whether OBX-3 is a code of IEEE 11073-10101 (MDC)."""
    if "MDC" not in obx.field(3):
        return False
    del at
    return "MDC" in (obx.text(3, 3).strip().upper(), obx.text(3, 6).strip().upper())


def is_monitor_order(obr: Segment, at: At) -> bool:
    """Whether the results below an OBR are those of a monitor: its report is one moment of many."""
    del obr
    first = next((one for one in at.group.segments() if one.name == "OBX"), None)
    return first is not None and is_monitor_result(first, at)


function("from_monitor")(is_monitor_order)


@function("monitor_message")
def is_monitor_message(segment: Segment, at: At) -> bool:
    """Whether the first result of the message is a monitor's: no sign of a visit, only of a bed."""
    del segment
    first = at.scope.message.first("OBX")
    return first is not None and is_monitor_result(first, at)


def moment_key(obx: Segment, at: At) -> str:
    """What one reading is known by: whose, which device, code and place there, and when.

    A monitor numbers nothing that stays: only the time tells readings apart, and an old reading
    that is sent again (APERIODIC) is the same one. Source: IHE Devices TF-2, OBX-14 and OBX-17.
    """
    made = at.find("Patient")
    whose = made.key if made else key("place", *_place(at)) if any(_place(at)) else ""
    device = obx.field(18) or at.scope.message.msh.field(3)
    when = obx.text(14) or _ordered(at)
    if not when:
        whose = whose or key("message", at.scope.message_key)
    return f"{whose}/{key('mdc', device, obx.text(3), obx.field(4).strip(), when)}"


def _ordered(at: At) -> str:
    obr = at.near("OBR")
    return obr.text(7) if obr is not None else ""


def _place(at: At) -> tuple[str, ...]:
    pv1 = at.near("PV1")
    return (pv1.field(3).strip(),) if pv1 is not None else ()


def with_loinc(obx: Segment, code: CodeableConcept, at: At) -> CodeableConcept:
    """The concept with its LOINC code first, where that is certain.

    Number and name must mean the same: monitors are known to send one with the other's meaning.
    """
    table = at.scope.tables["MdcCodes"]
    first = 1 if obx.text(3, 3).strip().upper() == "MDC" else 4
    number, name = table.get(obx.text(3, first)), obx.text(3, first + 1).strip()
    named: Row | None = table.get(name)
    found = number or named
    if found is None or not found.to:
        return code
    if name.upper().startswith("MDC_") and (named is None or named.to != found.to):
        at.scope.warn("OBX-3", "number and name of the MDC code do not agree; no LOINC code")
        return code
    loinc = {"system": found.system, "code": found.to, "display": found.display}
    return {**code, "coding": [loinc, *code.get("coding", ())]}  # type: ignore[list-item]


def absent(obx: Segment, at: At) -> str:
    """Why a monitor's reading is none, as data-absent-reason; empty when it is one."""
    table = at.scope.tables["MonitorFlagAbsent"]
    for rep in obx[8].reps if obx.field(8) else ():
        row = table.get(rep[1])
        if row is not None and row.to:
            return row.to
    text = obx.text(5).strip()
    if reason := _NO_NUMBER.get(text.upper()):
        return reason
    if text and _NO_READING.issuperset(text):
        return "temp-unknown"
    if text and _ZERO.issuperset(text) and obx.text(3) in _NEVER_ZERO:
        return "unknown"
    return ""


def kept(obx: Segment) -> list[dict[str, Any]]:
    """What was sent for a reading that is none, as an extension for those who look into it."""
    raw = obx[5].whole.strip()
    return [{"url": SOURCE_VALUE, "valueString": raw}] if raw else []


@function("monitor_flags")
def monitor_flags(obx: Segment, out: Resource, at: At) -> None:
    """OBX-8 TEST and DEMO: no data of this patient. Marked, and withdrawn as R4 can say it.

    Source: IHE Devices TF-2, OBX-8; FHIR R4 Observation.status, a modifier that all must heed.
    """
    if not obx.field(8) or not is_monitor_result(obx, at):
        return
    table = at.scope.tables["MonitorFlagSecurity"]
    for rep in obx[8].reps:
        row = table.get(rep[1])
        if row is not None and row.to:
            label = {"system": row.system, "code": row.to, "display": row.display}
            out["meta"] = {**at.scope.meta, **out.get("meta", {}), "security": [label]}
            out["status"] = "entered-in-error"
            at.scope.warn("OBX-8", "a monitor's test or demonstration; marked as no patient data")
            return
