"""OBX-18 and a monitor's containment (OBX-4 of MDC) become Devices, each part of another."""

from wherry.fhir.identity import full_url, key
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Reference, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.places import device_identity
from wherry_hl7.translate.functions.monitor import is_monitor_result
from wherry_hl7.translate.functions.narrative import is_joined

_HERE = "containment"

# Source: HL7 FHIR Personal Health Device guide, Device.identifier of an EUI-64
_EUI_64 = "urn:oid:1.2.840.10004.1.1.1.0.0.1.0.0.1.2680"


@function("said_elsewhere")
def said_elsewhere(obx: Segment, at: At) -> bool:
    """Whether an OBX makes no Observation: a device, or a further line of a text."""
    return is_device(obx, at) or is_joined(obx, at)


@function("device_row")
def is_device(obx: Segment, at: At) -> bool:
    """Whether an OBX only names a part of a monitor: no value, and OBX-4 ends before the metric.

    Source: IHE Devices TF-2 appendix B.8, OBX-4: MDS.VMD.Channel.Metric, 0 where it does not apply.
    """
    if obx.field(5) or not is_monitor_result(obx, at):
        return False
    parts = _parts(obx)
    return len(parts) < 4 or parts[3] == "0"


@function("containment_identity")
def containment_identity(obx: Segment, at: At) -> Identifier | None:
    """The device's own number (OBX-18), else its place in the monitor of this sender and bed."""
    if obx.field(18) and (known := numbered(obx[18].first, at)):
        return known
    patient, pv1 = at.find("Patient"), at.near("PV1")
    where = (pv1.field(3).strip() if pv1 is not None else "") or (patient.key if patient else "")
    path = _path(_parts(obx))
    if not path:
        return None
    scope = at.scope
    return {"system": scope.own("device"), "value": key(scope.application, where, path)}


@function("containment")
def containment(obx: Segment, out: Resource, at: At) -> None:
    """What the device is part of: the nearest one above it in this message."""
    path = _path(_parts(obx))
    if above := _above(path, at):
        out["parent"] = above
    own = out["identifier"][0]
    url = full_url("Device", own["system"], own["value"])
    at.scope.memory[_HERE, id(at.near("OBR")), path] = url
    at.scope.join("OBX")


@function("equipment")
def equipment(obx: Segment, out: Resource, at: At) -> None:
    """OBX-18, the lowest level first, each a part of the next; else the monitor's part by OBX-4.

    Source: HL7 v2.5.1 §7.4.2.18.
    """
    if raw := obx.field(18):
        memory = at.scope.memory
        if ("equipment", raw) not in memory:
            memory["equipment", raw] = _chain(obx, at)
        if found := memory["equipment", raw]:
            out["device"] = found
    elif is_monitor_result(obx, at) and (part := _above(_path(_parts(obx)), at)):
        out["device"] = part


def numbered(rep: Rep, at: At) -> Identifier | None:
    """What a device is known by: its EUI-64 wherever it is sent, else the number in its EI."""
    if rep[4].strip().upper().replace("-", "") == "EUI64" and (number := rep[3].strip() or rep[1]):
        return {"system": _EUI_64, "value": number.strip()}
    return device_identity(rep, at)


def _chain(obx: Segment, at: At) -> Reference | None:
    found: Reference | None = None
    for rep in reversed(obx[18].reps):
        if rep.raw and (identifier := numbered(rep, at)):
            found = at.refer("Device", identifier, {"parent": found} if found else {}, ("*",))
    return found


def _above(path: str, at: At) -> Reference | None:
    """The Device of the nearest part above this place."""
    order = id(at.near("OBR"))
    while "." in path:
        path = path.rpartition(".")[0]
        if url := at.scope.memory.get((_HERE, order, path)):
            made = at.draft.at(url)
            return made.reference if made is not None else None
    return None


def _parts(obx: Segment) -> list[str]:
    return [part.strip() for part in obx.text(4).split(".")]


def _path(parts: list[str]) -> str:
    """The place without the zeros at its end: 1.6 of 1.6.0.0."""
    while parts and parts[-1] in ("0", ""):
        parts = parts[:-1]
    return ".".join(parts)
