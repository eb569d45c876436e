"""What every Observation of a device says besides its value: whose, when, by what, how sure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wherry.fhir.systems import (
    ACT_REASON,
    DATA_ABSENT,
    DEVICE_QUALITY,
    GATEWAY,
    LOINC,
    OBSERVATION_CATEGORY,
    SOURCE_TIME,
)
from wherry.resource import CodeableConcept, Identifier, Reference, Resource
from wherry_devices.mapping.places import POSITION, position
from wherry_devices.mapping.reading import Clock, OffsetOrigin, Origin, Reading

# Said in meta.tag, so that whoever scores or shows a reading can leave it out.
TAGS = {
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


@dataclass(frozen=True, slots=True)
class About:
    """What is known of a measurement besides its numbers.

    `source` is meta.source; `cuff` the blood pressure that this belongs to; `home`: people measure
    themselves; `backfill`: it came long after it was measured.
    """

    subject: Reference
    device: Reference | None
    source: str
    said_at: datetime
    gateway: Reference | None = None
    cuff: Reference | None = None
    home: bool = False
    backfill: bool = False


@dataclass(frozen=True, slots=True)
class Title:
    """What an Observation is: its identifiers, categories, code and profiles."""

    identifiers: Sequence[Identifier]
    categories: Sequence[CodeableConcept]
    code: CodeableConcept
    profiles: Sequence[str] = field(default=())


def header(readings: Sequence[Reading], title: Title, about: About) -> Resource:
    """An Observation without its value; the time keeps its offset."""
    first = readings[0]
    out: Resource = {
        "resourceType": "Observation",
        "meta": _meta(readings, title, about),
        "extension": _extensions(first, about),
        "identifier": list(title.identifiers),
        "status": "entered-in-error" if first.deleted else "final",
        "category": list(title.categories),
        "code": title.code,
        "subject": about.subject,
        **_effective(first),
        "issued": (first.version or first.end or first.instant).isoformat(),
        "performer": [about.subject],
    }
    if about.device is not None:
        out["device"] = about.device
    if about.cuff is not None:
        out["derivedFrom"] = [about.cuff]
    return out


OF_A_DEVICE: CodeableConcept = {
    "coding": [
        {
            "system": "http://hl7.org/fhir/uv/phd/CodeSystem/PhdObservationCategories",
            "code": "phd-observation",
        }
    ]
}
"""The category of what a personal health device said itself. Source: PHD 2.0."""


def category(code: str) -> CodeableConcept:
    """A category of FHIR's own list."""
    return {"coding": [{"system": OBSERVATION_CATEGORY, "code": code}]}


def loinc(code: str, display: str) -> CodeableConcept:
    """A code of LOINC."""
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}


def absent(reason: str) -> Resource:
    """Why there is no value. Source: FHIR data-absent-reason."""
    return {"dataAbsentReason": {"coding": [{"system": DATA_ABSENT, "code": reason}]}}


ABSENT = absent("unknown")


def _meta(readings: Sequence[Reading], title: Title, about: About) -> Resource:
    first = readings[0]
    meta: dict[str, Any] = {"source": about.source}
    if any(title.profiles):
        meta["profile"] = [profile for profile in title.profiles if profile]
    if first.demo:
        meta["security"] = [{"system": ACT_REASON, "code": "HTEST"}]
    if tags := _tags(readings, about):
        meta["tag"] = [{"system": DEVICE_QUALITY, "code": tag} for tag in tags]
    return meta


def _tags(readings: Sequence[Reading], about: About) -> list[str]:
    first = readings[0]
    marks = (first.origin, first.offset_origin, first.clock)
    tags = dict.fromkeys(TAGS[one] for one in marks if one in TAGS)
    tags |= dict.fromkeys(["demo"] if first.demo else [])
    tags |= dict.fromkeys(sorted({word for reading in readings for word in reading.quality}))
    return list(tags | dict.fromkeys(["backfill"] if about.backfill else []))


def _extensions(first: Reading, about: About) -> list[Resource]:
    out: list[Resource] = [{"url": SOURCE_TIME, "valueDateTime": about.said_at.isoformat()}]
    if about.gateway is not None:
        out.append({"url": GATEWAY, "valueReference": about.gateway})
    if first.position:
        out.append({"url": POSITION, "valueCodeableConcept": position(first.position)})
    return out


def _effective(reading: Reading) -> Resource:
    if reading.civil:
        return {"effectiveDateTime": reading.instant.date().isoformat()}
    start = reading.instant.isoformat()
    if reading.end is None:
        return {"effectiveDateTime": start}
    return {"effectivePeriod": {"start": start, "end": reading.end.isoformat()}}
