"""Devices and hubs that took and carried readings, each once in a transaction."""

import re
from collections.abc import Mapping

from wherry.fhir import bundle
from wherry.fhir.systems import MDC, SOURCE_TIME, ours
from wherry.resource import CodeableConcept, Entry, Identifier, Reference, Resource
from wherry_devices.mapping.identity import subject_of
from wherry_devices.mapping.reading import DeviceKey, Origin, Reading
from wherry_devices.mapping.record import Payload
from wherry_devices.mapping.template import Template

_HUB, _PHD = "531981", "65573"
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}", re.ASCII)
_KINDS_OF_ID = "http://hl7.org/fhir/uv/phd/CodeSystem/ContinuaDeviceIdentifiers"
_BLUETOOTH = "http://hl7.org/fhir/sid/eui-48/bluetooth"
# What a personal health device is, by the kind it measures. Source: IEEE 11073-10101, 528384 on.
_SPECIALISED: Mapping[str, str] = {
    "bp": "528391",
    "body_temp": "528392",
    "weight": "528399",
    "spo2": "528388",
    "glucose": "528401",
}


def device(
    reading: Reading, devices: dict[str, Entry], template: Template, source: str, payload: Payload
) -> Reference | None:
    """A reference to the device, which is put among `devices`; or only its name; or nothing."""
    if reading.origin is Origin.MANUAL:
        return None
    if reading.device is None:
        return {"display": reading.model} if reading.model else None
    if reading.device.opaque not in devices:
        resource = _device_resource(reading.device, reading, template, source, payload)
        devices[reading.device.opaque] = bundle.known_by(resource, resource["identifier"][0])
    return {"reference": devices[reading.device.opaque]["fullUrl"]}


def gateway(
    reading: Reading, devices: dict[str, Entry], source: str, payload: Payload
) -> Reference | None:
    """A reference to the hub that passed the reading on. Source: PHD guide, PhgDevice."""
    hub = reading.gateway
    if hub is None:
        return None
    if hub.opaque not in devices:
        resource: Resource = {
            "resourceType": "Device",
            "meta": {"source": source},
            "extension": [{"url": SOURCE_TIME, "valueDateTime": payload.received_at.isoformat()}],
            "identifier": [{"system": ours("devices", hub.source, "gateway"), "value": hub.value}],
            "type": _coded(_HUB, "MDC_MOC_VMS_MDS_AHD"),
        }
        devices[hub.opaque] = bundle.known_by(resource, resource["identifier"][0])
    return {"reference": devices[hub.opaque]["fullUrl"]}


def _device_resource(
    device: DeviceKey, reading: Reading, template: Template, source: str, payload: Payload
) -> Resource:
    said_at = reading.version or payload.received_at
    out: Resource = {
        "resourceType": "Device",
        "meta": {"source": source},
        "extension": [{"url": SOURCE_TIME, "valueDateTime": said_at.isoformat()}],
        "identifier": [{"system": ours("devices", device.source, "device"), "value": device.value}],
    }
    if template.manufacturer:
        out["manufacturer"] = template.manufacturer
    if reading.mdc:
        out["type"] = _coded(_PHD, "MDC_MOC_VMS_MDS_SIMP")
        out["identifier"] += _radio(device.value)
        out |= {"modelNumber": reading.model} if reading.model else {}
    if reading.model:
        out["deviceName"] = [{"name": reading.model, "type": "model-name"}]
    code = _SPECIALISED.get(subject_of(reading), "") if reading.mdc else ""
    if code:
        out["specialization"] = [{"systemType": {"coding": [{"system": MDC, "code": code}]}}]
    return out


def _coded(code: str, display: str) -> CodeableConcept:
    return {"coding": [{"system": MDC, "code": code, "display": display}]}


def _radio(address: str) -> list[Identifier]:
    """A Bluetooth address as the guide writes it. Source: PHD guide, PhdDevice, BTMAC."""
    if not _MAC.fullmatch(address):
        return []
    kind: CodeableConcept = {"coding": [{"system": _KINDS_OF_ID, "code": "BTMAC"}]}
    value = address.upper().replace(":", "-")
    return [{"type": kind, "system": _BLUETOOTH, "value": value}]
