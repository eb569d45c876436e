"""Open mHealth: data points are headers and bodies; a body alone still says what it is."""

from typing import Any

from wherry.codec import decode as json

_BODIES = {
    "systolic_blood_pressure": "blood-pressure",
    "diastolic_blood_pressure": "blood-pressure",
    "heart_rate": "heart-rate",
    "body_temperature": "body-temperature",
    "body_weight": "body-weight",
    "oxygen_saturation": "oxygen-saturation",
    "respiratory_rate": "respiratory-rate",
    "blood_glucose": "blood-glucose",
    "step_count": "step-count",
    "rr_interval": "rr-interval",
    "total_sleep_time": "sleep-episode",
}
"""The schema of a body by the field that only it has. Source: openmhealth.org schemas."""


def decode(body: bytes) -> Any:
    """Data points as they are; a body without a header gets one with the name of its schema."""
    payload = json(body)
    if isinstance(payload, list):
        return [_headed(one) for one in payload]
    return _headed(payload)


def _headed(point: Any) -> Any:
    if not isinstance(point, dict) or "header" in point:
        return point
    names = {_BODIES[field] for field in point if field in _BODIES}
    if len(names) != 1:
        return point
    return {"header": {"schema_id": {"name": names.pop()}}, "body": point}
