"""Readings of one patient become entries of a transaction: Devices, Observations, Provenance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from wherry.fhir import bundle
from wherry.fhir.identity import derived_id
from wherry.fhir.systems import MDC, PROVENANCE_AGENT, SOURCE_TIME, ours
from wherry.resource import Entry, Reference, Resource
from wherry_devices.mapping.baseline import late
from wherry_devices.mapping.observation import identifier_of, observation, subject_of
from wherry_devices.mapping.reading import DeviceKey, Origin, Reading, Withheld
from wherry_devices.mapping.template import Template
from wherry_devices.mapping.vitals import VITALS

_Measured = dict[str, Reading]
_PULSE = "heart_rate"
_HUB = "531981"
# What a personal health device is, by the kind it measures. Source: IEEE 11073-10101, 528384 on.
_SPECIALISED: Mapping[str, str] = {
    "bp": "528391",
    "body_temp": "528392",
    "weight": "528399",
    "spo2": "528388",
    "glucose": "528401",
}


@dataclass(frozen=True, slots=True)
class Payload:
    """The message that readings came in: its SHA-256 and when it was received."""

    digest: str
    received_at: datetime


def entries(
    readings: Sequence[Reading], subject: Reference, template: Template, payload: Payload
) -> tuple[list[Entry], list[Withheld]]:
    """What one patient's readings of one payload become; the same readings give the same entries.

    A measurement that is in the payload twice is stored once; if its numbers differ, not at all.
    """
    measured, withheld = _measurements(readings)
    if not measured:
        return [], withheld
    id_ = derived_id("Provenance", template.id, subject.get("reference", ""), _said(measured))
    source = f"{ours('devices', template.id)}#{id_}"
    devices: dict[str, Entry] = {}
    made: list[Entry] = []
    cuffs = _cuffs(measured)
    for parts in measured.values():
        first = next(iter(parts.values()))
        said_at = max((one.version for one in parts.values() if one.version), default=None)
        one = observation(
            list(parts.values()),
            subject=subject,
            device=_device(first, devices, template, source, payload),
            meta_source=source,
            said_at=said_at or payload.received_at,
            gateway=_gateway(first, devices, source, payload),
            cuff=cuffs.get(_occasion(first)) if first.kind == _PULSE else None,
            home=template.home,
            backfill=late(first, payload.received_at),
        )
        made.append(bundle.known_by(one, one["identifier"][0]))
    told = [*devices.values(), *made]
    record = _provenance(id_, told, template, source, payload)
    return [*told, bundle.under_id(record)], withheld


def _cuffs(measured: Mapping[str, _Measured]) -> dict[tuple[str, str, datetime], Reference]:
    """References to the blood pressures of a payload, by device, record and instant."""
    found = {}
    for parts in measured.values():
        first = next(iter(parts.values()))
        if VITALS[first.kind].panel and not first.deleted:
            found[_occasion(first)] = bundle.to("Observation", identifier_of(first))
    return found


def _occasion(reading: Reading) -> tuple[str, str, datetime]:
    """What numbers of one measurement by one device share."""
    return reading.owner, reading.record, reading.instant


def _measurements(readings: Sequence[Reading]) -> tuple[dict[str, _Measured], list[Withheld]]:
    """Readings by measurement and kind, the newest version of each; those that disagree are out."""
    found: dict[str, _Measured] = {}
    disagree: dict[str, Withheld] = {}
    for reading in readings:
        name = identifier_of(reading).get("value", "")
        parts = found.setdefault(name, {})
        before = parts.get(reading.kind)
        if before is None or _newer(reading, before):
            parts[reading.kind] = reading
        elif not _newer(before, reading) and not _alike(before, reading):
            disagree[name] = Withheld("contradictory", reading.at, reading.kind)
    kept = {name: parts for name, parts in found.items() if name not in disagree}
    return kept, list(disagree.values())


def _newer(one: Reading, other: Reading) -> bool:
    return one.version is not None and other.version is not None and one.version > other.version


def _alike(one: Reading, other: Reading) -> bool:
    return (
        (one.value, one.ucum, one.instant, one.comparator, one.absent, one.deleted)
        == (other.value, other.ucum, other.instant, other.comparator, other.absent, other.deleted)
    )  # fmt: skip


def _said(measured: Mapping[str, _Measured]) -> str:
    """A hash of all that is said, so that other payloads that say the same add no record."""
    text = "\n".join(
        f"{name}|{kind}|{one.comparator}{one.value}{one.absent}|{one.ucum}|"
        f"{one.instant.isoformat()}|{one.version}|{'deleted' if one.deleted else ''}"
        for name, parts in sorted(measured.items())
        for kind, one in sorted(parts.items())
    )
    return sha256(text.encode()).hexdigest()


def _device(
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


def _gateway(
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
            "type": {"coding": [{"system": MDC, "code": _HUB, "display": "MDC_MOC_VMS_MDS_AHD"}]},
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
    if reading.model:
        out["deviceName"] = [{"name": reading.model, "type": "model-name"}]
    code = _SPECIALISED.get(subject_of(reading), "") if reading.mdc else ""
    if code:
        out["specialization"] = [{"systemType": {"coding": [{"system": MDC, "code": code}]}}]
    return out


def _provenance(
    id_: str, told: Sequence[Entry], template: Template, source: str, payload: Payload
) -> Resource:
    """Who measured, what turned it into FHIR by which rules, and out of which payload."""
    rules = f"{template.id} {template.version} sha256:{template.digest}"
    return {
        "resourceType": "Provenance",
        "id": id_,
        "meta": {"source": source},
        "target": [{"reference": entry["fullUrl"]} for entry in told],
        "recorded": payload.received_at.isoformat(),
        "agent": [
            _agent("author", {"type": "Organization", "display": template.title}),
            _agent(
                "assembler",
                {
                    "type": "Device",
                    "identifier": {"system": ours("devices", "template"), "value": rules},
                    "display": "Wherry devices",
                },
            ),
        ],
        "entity": [
            {
                "role": "source",
                "what": {
                    "identifier": {
                        "system": ours("devices", template.id, "payload"),
                        "value": f"sha256:{payload.digest}",
                    },
                    "display": template.title,
                },
            }
        ],
    }


def _agent(role: str, who: Reference) -> Resource:
    return {"type": {"coding": [{"system": PROVENANCE_AGENT, "code": role}]}, "who": who}
