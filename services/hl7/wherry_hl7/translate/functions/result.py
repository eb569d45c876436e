"""OBX-5 becomes the value of an Observation, its components, or the reason why there is none."""

from typing import Any

from wherry.fhir.systems import DATA_ABSENT
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.numbers import units_of
from wherry_hl7.translate.functions.monitor import absent, is_monitor_result, kept
from wherry_hl7.translate.functions.narrative import text_of
from wherry_hl7.translate.functions.value import plain_number, values

_TEXTS = frozenset({"ST", "TX", "FT", ""})
_DOCUMENTS = ("application/", "text/")
_NO_DOCUMENT = frozenset({"application/octet-stream", "application/dicom"})


@function("observation_value")
def observation_value(obx: Segment, out: Resource, at: At) -> None:
    """The value, one component for each of several, or the reason why there is none.

    Units: OBX-6 as it was sent, with its UCUM code where it has one; digits stay (98.60).
    """
    if (text := text_of(obx, at)) is not None:
        lines = [rep.whole for one in (text.first, *text.more) for rep in one[5].reps or (one[5],)]
        if whole := "\n".join(lines).strip("\n"):
            out["valueString"] = whole
            return
    scope = at.scope
    units = units_of(obx, scope)
    if is_monitor_result(obx, at) and (reason := absent(obx, at)):
        out["extension"] = [*out.get("extension", ()), *kept(obx)]
        _without(out, reason)
        return
    if (plain := plain_number(obx)) is not None:  # most results by far
        out["valueQuantity"] = {**plain, **units}
        return
    found = values(obx, units, scope)
    if len(found) > 1 and obx.field(2).strip().upper() in _TEXTS:
        found = [{"valueString": "\n".join(one["valueString"] for one in found)}]
    if found:
        _valued(found, out, at)
    else:
        _without(out, _reason(obx, at))
    if units and found and "valueString" in found[0] and units["unit"] not in str(found[0]):
        scope.warn("OBX-6", "the value is no number; its unit was not used")


def _valued(found: list[Any], out: Resource, at: At) -> None:
    for one in found:
        _presented(one, out, at)
    if len(found) > 1:
        out["component"] = [{"code": out["code"], **one} for one in found]
        return
    extension = [*out.get("extension", ()), *found[0].get("extension", ())]
    out.update(found[0])
    if extension:
        out["extension"] = extension


def _presented(value: dict[str, Any], out: Resource, at: At) -> None:
    """A document is also the report as it is to be read. Source: FHIR R4 presentedForm."""
    report = at.find("DiagnosticReport")
    for one in value.get("extension", ()) if report is not None else ():
        attached = one.get("valueAttachment", {})
        type_ = attached.get("contentType", "")
        if type_.startswith(_DOCUMENTS) and type_ not in _NO_DOCUMENT and report is not None:
            title = out["code"].get("text", "")
            form = {**attached, "title": title} if title else attached
            report.resource.setdefault("presentedForm", []).append(form)


def _reason(obx: Segment, at: At) -> str:
    """Why there is no value, by OBX-11. Source: HL7 v2-to-FHIR; FHIR R4 data-absent-reason."""
    code = obx.text(11).strip()
    row = at.scope.tables["ObservationAbsent"].get(code) if code else None
    return row.to if row is not None and row.to else "unknown"


def _without(out: Resource, reason: str) -> None:
    out["dataAbsentReason"] = {"coding": [{"system": DATA_ABSENT, "code": reason}]}
