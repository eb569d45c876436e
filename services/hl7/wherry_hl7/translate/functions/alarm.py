"""An alarm of a monitor (IHE PCD-04, ORU^R40) becomes a Flag that begins and ends with it."""

from wherry.fhir.identity import key
from wherry.hl7.segment import Segment
from wherry.resource import CodeableConcept, Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import coded

_PRIORITY = "http://hl7.org/fhir/StructureDefinition/flag-priority"
_PRIORITIES = {
    "PN": "No alarm",
    "PL": "Low priority",
    "PM": "Medium priority",
    "PH": "High priority",
}
_PRIORITY_CODES = "http://hl7.org/fhir/flag-priority-code"

# Facets of an alarm, the last part of OBX-4. Source: IHE Devices TF-2, PCD-04, OBX-4
_EVENT, _SOURCE, _PHASE, _STATE, _INACTIVATION = "1", "2", "3", "4", "5"
_OVER = frozenset({"end", "tend"})
_INACTIVE = frozenset({"inactive", "off"})


@function("alarm_identity")
def alarm_identity(obr: Segment, at: At) -> Identifier | None:
    """The alarm's own number: that of its first event (OBR-29), else OBR-3."""
    first = obr[29].first if obr.field(29) else None
    number = (first.sub(2, 1) or first.sub(1, 1)).strip() if first else ""
    number = number or obr.text(3).strip()
    if not number:
        return None
    device = at.scope.message.msh.field(3)
    return {"system": at.scope.own("alarm"), "value": key(device, number)}


@function("alarm")
def alarm(obr: Segment, out: Resource, at: At) -> None:
    """The event's code and text, status by phase and state, priority, when it began or ended.

    Source: IHE Devices TF-2, PCD-04; FHIR R4 flag-priority.
    """
    facets = _facets(at)
    event = facets.get(_EVENT)
    out["code"] = _code(event, at) if event is not None else coded(obr, 4, at.scope)
    phase, state = _said(facets.get(_PHASE)), _said(facets.get(_STATE))
    over = phase in _OVER or state in _INACTIVE
    out["status"] = "inactive" if over else "active"
    when = (event.text(14) if event is not None else "") or obr.text(7)
    period = at.scope.period("" if over else when, when if over else "", "OBR-7")
    if period and (over or phase in ("", "start", "tpoint")):
        out["period"] = period
    for code in _flags(facets):
        if code in _PRIORITIES:
            coding = {"system": _PRIORITY_CODES, "code": code, "display": _PRIORITIES[code]}
            said = {"url": _PRIORITY, "valueCodeableConcept": {"coding": [coding]}}
            out["extension"] = [*out.get("extension", ()), said]
            return


def _facets(at: At) -> dict[str, Segment]:
    """The OBX of the alarm by their facet."""
    found: dict[str, Segment] = {}
    for one in at.group.segments():
        if one.name == "OBX" and "." in one.text(4):
            found.setdefault(one.text(4).rpartition(".")[2].strip(), one)
    return found


def _code(event: Segment, at: At) -> CodeableConcept:
    code = coded(event, 3, at.scope)
    text = event.text(5).strip()
    return {**code, "text": text} if text else code


def _said(obx: Segment | None) -> str:
    return obx.text(5).strip().lower() if obx is not None else ""


def _flags(facets: dict[str, Segment]) -> list[str]:
    """What OBX-8 and OBX-5 of every facet say in short, such as PH of a high priority."""
    found = []
    for obx in facets.values():
        found += [rep[1].strip().upper() for rep in obx[8].reps]
        found.append(obx.text(5).strip().upper())
    return found
