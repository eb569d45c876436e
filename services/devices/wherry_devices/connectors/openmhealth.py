"""Open mHealth: data points are headers and bodies; a body alone still says what it is.

A glucose is named by its specimen, too, under `code`: a number of interstitial fluid is no number
of capillary blood.
"""

from typing import Any

from wherry.codec import decode as json

_GLUCOSE = "blood-glucose"
_BODIES = {
    "systolic_blood_pressure": "blood-pressure",
    "diastolic_blood_pressure": "blood-pressure",
    "heart_rate": "heart-rate",
    "body_temperature": "body-temperature",
    "body_weight": "body-weight",
    "oxygen_saturation": "oxygen-saturation",
    "respiratory_rate": "respiratory-rate",
    "blood_glucose": _GLUCOSE,
    "step_count": "step-count",
    "rr_interval": "rr-interval",
    "total_sleep_time": "sleep-episode",
    "sleep_duration": "sleep-duration",
    "body_height": "body-height",
    "body_mass_index": "body-mass-index",
    "body_fat_percentage": "body-fat-percentage",
    "kcal_burned": "calories-burned",
}
"""The schema of a body by the field that only it has. Source: openmhealth.org schemas."""


def decode(body: bytes) -> Any:
    """Data points as they are; a body without a header gets one with the name of its schema."""
    payload = json(body)
    if isinstance(payload, list):
        return [_coded(_headed(one)) for one in payload]
    return _coded(_headed(payload))


def _coded(point: Any) -> Any:
    body = point.get("body") if isinstance(point, dict) else None
    specimen = body.get("specimen_source") if isinstance(body, dict) else None
    if specimen is None or not isinstance(point.get("header"), dict):
        return point
    schema = point["header"].get("schema_id")
    name = schema.get("name") if isinstance(schema, dict) else None
    if not isinstance(name, str) or name.strip() != _GLUCOSE:
        return point
    return {**point, "code": f"{_GLUCOSE}/{specimen if isinstance(specimen, str) else ''}"}


def _headed(point: Any) -> Any:
    if not isinstance(point, dict) or "header" in point:
        return point
    names = {_BODIES[field] for field in point if field in _BODIES}
    if len(names) != 1:
        return point
    return {"header": {"schema_id": {"name": names.pop()}}, "body": point}
