"""FHIR datatypes become the words of a page; digits and offsets stay as they were recorded."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

UNKNOWN = "not recorded"

# Source: FHIR R4 ObservationStatus, EncounterStatus: nothing came of it, or it was withdrawn
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})

# Source: UCUM, the common bedside units, as clinicians write them
_UNITS: Mapping[str, str] = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "{breaths}/min": "/min",
    "{beats}/min": "/min",
    "10*9/L": "×10⁹/L",
    "10*3/uL": "×10³/µL",
    "10*6/uL": "×10⁶/µL",
    "umol/L": "µmol/L",
    "mg/dL": "mg/dL",  # the CGM guide has other texts for these two
    "mmol/L": "mmol/L",
}

_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:\d\d)?")

# Source: UCUM 2.1 §12: an annotation in braces is no unit
_ANNOTATION = re.compile(r"\{[^}]*\}")


def concept(value: Mapping[str, Any] | None) -> str:
    """A CodeableConcept as its text, else a display, else a code."""
    if not value:
        return ""
    codings = value.get("coding", [])
    said = [value.get("text"), *(coding.get("display") for coding in codings)]
    codes = [coding.get("code") for coding in codings]
    return next((str(text) for text in [*said, *codes] if text), "")


def moment(value: str | None) -> str:
    """A dateTime or instant to the minute, with the offset that it was recorded with."""
    found = _TIME.match(value or "")
    if found is None:
        return value or UNKNOWN
    day, clock, zone = found.groups()
    return f"{day} {clock} {'UTC' if zone in {'Z', '+00:00'} else zone or ''}".rstrip()


def quantity(value: Mapping[str, Any]) -> str:
    """A Quantity with all its digits, its comparator and its unit."""
    if "value" not in value:
        return ""
    code = value.get("code", "")
    unit = _ANNOTATION.sub("", _UNITS.get(code) or value.get("unit") or code)
    joined = "" if unit == "%" else " "
    return f"{value.get('comparator', '')}{value['value']}{joined}{unit}".rstrip()


def no_value(reason: str) -> str:
    """A code of data-absent-reason, or its words, as what stands in the place of a value."""
    return f"no value: {reason.replace('-', ' ')}" if reason else ""


# An age is said in the largest unit of which there are two or more. Units: seconds
_UNITS_OF_AGE = ((86_400, "d"), (3_600, "h"), (60, "min"))


def age(value: str | None, now: datetime) -> str:
    """How long ago a dateTime with a time of day was; nothing for any other."""
    try:
        at = datetime.fromisoformat(value or "")
    except ValueError:
        return ""
    if at.tzinfo is None or "T" not in (value or ""):
        return ""
    passed = int((now - at).total_seconds())
    if passed < 0:
        return "in the future"
    for unit, name in _UNITS_OF_AGE:
        if passed >= 2 * unit or (unit == 60 and passed >= unit):
            return f"{passed // unit} {name} ago"
    return "under 1 min ago"


# Whose resource it is, by the kind in our own source addresses
_KINDS: Mapping[str, str] = {
    "hl7": "HL7 feed",
    "devices": "Device readings",
    "risk": "Risk service",
}
_OURS = "urn:wherry:"


def came_from(resource: Mapping[str, Any]) -> str:
    """Where a resource came from, as its meta.source says."""
    source = str(resource.get("meta", {}).get("source", "")).partition("#")[0]
    if not source.startswith(_OURS):
        return source or "entered through the FHIR API"
    kind, *names = source.removeprefix(_OURS).split(":")
    return ", ".join([_KINDS.get(kind, kind), *(unquote(name) for name in names if name)])
