"""Readings of one measurement become one vital-signs Observation."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import (
    DATA_ABSENT,
    DEVICE_QUALITY,
    LOINC,
    OBSERVATION_CATEGORY,
    SOURCE_TIME,
    UCUM,
    ours,
)
from wherry.resource import CodeableConcept, Identifier, Reference, Resource
from wherry_devices.mapping.reading import OffsetOrigin, Origin, Reading
from wherry_devices.mapping.vitals import ALSO, PANELS, VITALS

# Said in meta.tag, so that whoever scores or shows a reading can leave it out.
_TAGS = {
    Origin.MANUAL: "manual",
    OffsetOrigin.PROFILE: "assumed-offset",
    OffsetOrigin.NONE: "no-offset",
}


def subject_of(reading: Reading) -> str:
    """What a reading is a part of: its panel, else itself."""
    return VITALS[reading.kind].panel or reading.kind


def identifier_of(reading: Reading) -> Identifier:
    """What identifies the measurement at its source: never its value, never the payload.

    Without the source's own name for it, that is the device, the kind and the instant.
    """
    record = reading.record or reading.instant.astimezone(UTC).isoformat()
    value = key(reading.owner, record, subject_of(reading))
    return {"system": ours("devices", reading.source, "reading"), "value": value}


def observation(
    readings: Sequence[Reading],
    *,
    subject: Reference,
    device: Reference | None,
    meta_source: str,
    said_at: datetime,
) -> Resource:
    """One Observation out of the readings of one measurement: a single one, or a panel's parts.

    The number keeps its digits, the time its offset. Source: FHIR R4, vital signs profiles.
    """
    first = readings[0]
    panel = PANELS.get(VITALS[first.kind].panel)
    out: Resource = {
        "resourceType": "Observation",
        "meta": _meta(readings, meta_source),
        "extension": [{"url": SOURCE_TIME, "valueDateTime": said_at.isoformat()}],
        "identifier": [identifier_of(first)],
        "status": "final",
        "category": [{"coding": [{"system": OBSERVATION_CATEGORY, "code": "vital-signs"}]}],
        "code": _concept(panel.code, panel.display) if panel else _code(first.kind),
        "subject": subject,
        **_effective(first),
        "performer": [subject],
    }
    if device is not None:
        out["device"] = device
    if panel is None:
        return out | _value(first)
    parts = {reading.kind: reading for reading in readings}
    out["component"] = [
        {"code": _code(kind), **(_value(parts[kind]) if kind in parts else _ABSENT)}
        for kind in panel.kinds
    ]
    return out


_ABSENT = {"dataAbsentReason": {"coding": [{"system": DATA_ABSENT, "code": "unknown"}]}}


def _meta(readings: Sequence[Reading], source: str) -> Resource:
    first = readings[0]
    vital = VITALS[first.kind]
    profile = PANELS[vital.panel].profile if vital.panel else vital.profile
    tags = [_TAGS[about] for about in (first.origin, first.offset_origin) if about in _TAGS]
    tags += sorted({word for reading in readings for word in reading.quality})
    meta: dict[str, Any] = {"source": source}
    if profile:
        meta["profile"] = [profile]
    if tags:
        meta["tag"] = [{"system": DEVICE_QUALITY, "code": tag} for tag in tags]
    return meta


def _effective(reading: Reading) -> Resource:
    start = reading.instant.isoformat()
    if reading.end is None:
        return {"effectiveDateTime": start}
    return {"effectivePeriod": {"start": start, "end": reading.end.isoformat()}}


def _value(reading: Reading) -> Resource:
    return {
        "valueQuantity": {
            "value": reading.value,
            "unit": reading.unit_raw,
            "system": UCUM,
            "code": reading.ucum,
        }
    }


def _code(kind: str) -> CodeableConcept:
    vital = VITALS[kind]
    concept = _concept(vital.code, vital.display)
    concept["coding"] += [
        {"system": LOINC, "code": code, "display": ALSO[code]} for code in vital.also
    ]
    return concept


def _concept(code: str, display: str) -> CodeableConcept:
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}
