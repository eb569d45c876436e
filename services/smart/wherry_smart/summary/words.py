"""FHIR datatypes become the words of the page; digits and offsets stay as they were recorded."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from wherry.fhir.dates import is_valid

UNKNOWN = "Not known"

# Source: FHIR R4 ObservationStatus, RiskAssessmentStatus: it was withdrawn, or nothing came of it
WITHDRAWN = frozenset({"entered-in-error", "cancelled"})

# Source: UCUM, the common bedside units, as clinicians write them
_UNITS: Mapping[str, str] = {
    "mm[Hg]": "mmHg",
    "Cel": "°C",
    "[degF]": "°F",
    "{breaths}/min": "/min",
    "{beats}/min": "/min",
    "{score}": "",
    "1": "",
    "[pH]": "",
    "a": "years",
    "mL/(24.h)": "mL/24 h",
    "10*3/uL": "×10³/µL",
    "10*9/L": "×10⁹/L",
    "umol/L": "µmol/L",
    "mg/dL": "mg/dL",  # the CGM guide has other texts for these two
    "mmol/L": "mmol/L",
    "ug/L": "µg/L",
}


def concept(value: Any) -> str:
    """A CodeableConcept as its text, else a display, else a code."""
    if not isinstance(value, Mapping):
        return ""
    codings = [each for each in value.get("coding", []) if isinstance(each, Mapping)]
    said = [value.get("text"), *(coding.get("display") for coding in codings)]
    codes = [coding.get("code") for coding in codings]
    return next((str(text) for text in [*said, *codes] if text), "")


def unit(value: Mapping[str, Any]) -> str:
    """The unit of a Quantity as clinicians write it."""
    code = str(value.get("code", ""))
    return _UNITS[code] if code in _UNITS else str(value.get("unit") or code)


def shown_unit(code: str) -> str:
    """A UCUM code as clinicians write it."""
    return _UNITS.get(code, code)


def taken_at(observation: Mapping[str, Any]) -> str:
    """When it was measured, as it was recorded."""
    period = observation.get("effectivePeriod")
    inside = period if isinstance(period, Mapping) else {}
    said = (
        observation.get("effectiveDateTime"),
        observation.get("effectiveInstant"),
        inside.get("end"),
        inside.get("start"),
    )
    return next((str(each) for each in said if each), "")


@lru_cache(maxsize=8192)
def moment(text: str) -> datetime | None:
    """The instant, if the text gives one; a date alone is none."""
    if not is_valid("instant", text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def age_s(text: str, now: datetime) -> int | None:
    """Whole seconds since then; None without an instant, 0 for what clocks put in the future."""
    at = moment(text)
    return None if at is None else max(0, int((now - at).total_seconds()))
