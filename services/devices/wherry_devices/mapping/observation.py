"""Readings of one measurement become one vital-signs Observation."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from wherry.fhir.identity import key
from wherry.fhir.systems import (
    ACT_REASON,
    DATA_ABSENT,
    DEVICE_QUALITY,
    GATEWAY,
    INTERPRETATION,
    LOINC,
    MDC,
    OBSERVATION_CATEGORY,
    SOURCE_TIME,
    SOURCE_VALUE,
    UCUM,
    ours,
)
from wherry.resource import CodeableConcept, Identifier, Reference, Resource
from wherry_devices.mapping.reading import Clock, OffsetOrigin, Origin, Reading
from wherry_devices.mapping.vitals import ALSO, PANELS, VITALS

# Said in meta.tag, so that whoever scores or shows a reading can leave it out.
_TAGS = {
    Origin.MANUAL: "manual",
    Origin.DERIVED: "derived",
    OffsetOrigin.PROFILE: "assumed-offset",
    OffsetOrigin.FACILITY: "assumed-offset",
    OffsetOrigin.FLOATING: "assumed-offset",
    OffsetOrigin.EXPORT: "assumed-offset",
    OffsetOrigin.NONE: "no-offset",
    Clock.CORRECTED: "clock-corrected",
    Clock.ESTIMATED: "clock-estimated",
    Clock.UNSET: "clock-unset",
    Clock.SUSPECT: "clock-suspect",
}
_BEYOND: Mapping[str, str] = {"<": "LL", "<=": "LL", ">": "HH", ">=": "HH"}
_CARDX = "http://hl7.org/fhir/uv/cardx-htn-mng/StructureDefinition/"
_HOME = {"bp": _CARDX + "self-measured-bp", "heart_rate": _CARDX + "smbp-associated-heart-rate"}
"""What people measure at home, beside the profile that all such readings have."""


def subject_of(reading: Reading) -> str:
    """What a reading is a part of: its panel, else itself in whatever unit."""
    vital = VITALS[reading.kind]
    return vital.panel or vital.family or reading.kind


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
    gateway: Reference | None = None,
    cuff: Reference | None = None,
    home: bool = False,
    backfill: bool = False,
) -> Resource:
    """One Observation out of the readings of one measurement: a single one, or a panel's parts.

    The number keeps its digits, the time its offset. `cuff` is the blood pressure that a pulse was
    counted with; `backfill`: it came long after it was measured.
    Source: FHIR R4, vital signs profiles; CardX hypertension 1.0; CGM 1.0; PHD 2.0.
    """
    first = readings[0]
    panel = PANELS.get(VITALS[first.kind].panel)
    vital = VITALS[first.kind]
    out: Resource = {
        "resourceType": "Observation",
        "meta": {
            "source": meta_source,
            **_profiled(first, home=home, cuff=cuff is not None),
            **_tagged(readings, ["backfill"] if backfill else []),
        },
        "extension": _extensions(readings, said_at, gateway),
        "identifier": [identifier_of(first)],
        "status": "entered-in-error" if first.deleted else "final",
        "category": [{"coding": [{"system": OBSERVATION_CATEGORY, "code": vital.category}]}],
        "code": _concept(panel.code, panel.display) if panel else _code(first),
        "subject": subject,
        **_effective(first),
        "issued": (first.version or first.end or first.instant).isoformat(),
        "performer": [subject],
    }
    if first.site:
        out["bodySite"] = {"text": first.site}
    if device is not None:
        out["device"] = device
    if cuff is not None:
        out["derivedFrom"] = [cuff]
    if first.deleted:
        return out | ABSENT
    parts = {reading.kind: reading for reading in readings}
    out |= _interpreted(readings)
    components = [_noted(name, text) for name, text in first.context]
    if panel is None:
        return out | _value(first) | ({"component": components} if components else {})
    kinds = (*panel.kinds, *(kind for kind in panel.optional if kind in parts))
    out["component"] = [
        {"code": _code(parts[kind]), **_value(parts[kind])}
        if kind in parts
        else {"code": _concept(VITALS[kind].code, VITALS[kind].display), **ABSENT}
        for kind in kinds
    ] + components
    return out


def absent(reason: str) -> Resource:
    """Why there is no value. Source: FHIR data-absent-reason."""
    return {"dataAbsentReason": {"coding": [{"system": DATA_ABSENT, "code": reason}]}}


ABSENT = absent("unknown")


def _extensions(
    readings: Sequence[Reading], said_at: datetime, gateway: Reference | None
) -> list[Resource]:
    out: list[Resource] = [{"url": SOURCE_TIME, "valueDateTime": said_at.isoformat()}]
    if gateway is not None:
        out.append({"url": GATEWAY, "valueReference": gateway})
    return out


def _interpreted(readings: Sequence[Reading]) -> Resource:
    codes = dict.fromkeys(_BEYOND[one.comparator] for one in readings if one.comparator)
    concepts = [{"coding": [{"system": INTERPRETATION, "code": code}]} for code in codes]
    return {"interpretation": concepts} if concepts else {}


def _noted(name: str, text: str) -> Resource:
    return {"code": {"text": name}, "valueCodeableConcept": {"text": text}}


def _profiled(first: Reading, *, home: bool, cuff: bool) -> Resource:
    vital = VITALS[first.kind]
    profiles = [PANELS[vital.panel].profile if vital.panel else vital.profile]
    if home and not first.end and (vital.panel or cuff):
        profiles.append(_HOME.get(vital.panel or first.kind, ""))
    return {"profile": [one for one in profiles if one]} if any(profiles) else {}


def _tagged(readings: Sequence[Reading], more: Sequence[str]) -> Resource:
    first = readings[0]
    about = (first.origin, first.offset_origin, first.clock)
    tags = dict.fromkeys(_TAGS[one] for one in about if one in _TAGS)
    tags |= dict.fromkeys(["demo"] if first.demo else [])
    tags |= dict.fromkeys(sorted({word for reading in readings for word in reading.quality}))
    tags |= dict.fromkeys(more)
    out: Resource = {}
    if first.demo:
        out["security"] = [{"system": ACT_REASON, "code": "HTEST"}]
    if tags:
        out["tag"] = [{"system": DEVICE_QUALITY, "code": tag} for tag in tags]
    return out


def _effective(reading: Reading) -> Resource:
    if reading.civil:
        return {"effectiveDateTime": reading.instant.date().isoformat()}
    start = reading.instant.isoformat()
    if reading.end is None:
        return {"effectiveDateTime": start}
    return {"effectivePeriod": {"start": start, "end": reading.end.isoformat()}}


def _value(reading: Reading) -> Resource:
    if reading.value is None:
        return absent(reading.absent or "unknown")
    out: Resource = {"value": reading.value}
    if reading.comparator:
        out["comparator"] = reading.comparator
    converted = reading.said is not None
    out |= {
        "unit": reading.ucum if converted else reading.unit_raw,
        "system": UCUM,
        "code": reading.ucum,
    }
    if converted:
        said = f"{reading.said} {reading.unit_raw}"
        out = {"extension": [{"url": SOURCE_VALUE, "valueString": said}], **out}
    return {"valueQuantity": out}


def _code(reading: Reading) -> CodeableConcept:
    vital = VITALS[reading.kind]
    concept = _concept(vital.code, vital.display)
    concept["coding"] += [
        {"system": LOINC, "code": code, "display": ALSO[code]} for code in vital.also
    ]
    if reading.mdc:
        concept["coding"].append({"system": MDC, "code": reading.mdc})
    return concept


def _concept(code: str, display: str) -> CodeableConcept:
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}
