"""Requests for the risk bench: made-up patients with made-up values."""

from datetime import UTC, datetime, timedelta
from typing import Any

from wherry.codec import encode

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
VITALS = [
    ("9279-1", "/min", 16),
    ("59408-5", "%", 97),
    ("8480-6", "mm[Hg]", 120),
    ("8867-4", "/min", 70),
    ("8310-5", "Cel", 37),
    ("3151-8", "L/min", 0),
]
HOURLY = [*VITALS, ("8478-0", "mm[Hg]", 71), ("9269-2", "{score}", 12), ("3150-6", "%", 45)]
LABORATORY = [
    ("4544-3", "%", 31),
    ("6690-2", "10*3/uL", 14),
    ("2160-0", "mg/dL", 2),
    ("2951-2", "mmol/L", 137),
    ("2345-7", "mg/dL", 162),
    ("3094-0", "mg/dL", 38),
    ("2744-1", "[pH]", 7),
    ("2019-8", "mm[Hg]", 36),
    ("2703-7", "mm[Hg]", 71),
]
MODEL = "icu-mortality-24h"


def observation(n: int, code: str, unit: str, value: int, age_min: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o-{n}",
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/p-1"},
        "effectiveDateTime": (AT - timedelta(minutes=age_min)).isoformat(),
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def body(observations: int) -> bytes:
    """A request with this many Observations, one a minute."""
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": "p-1", "birthDate": "1951-02-03"}
    ]
    for n in range(observations):
        code, unit, value = VITALS[n % len(VITALS)]
        resources.append(observation(n, code, unit, value, n // len(VITALS)))
    return encode({"resources": resources, "at": AT.isoformat()})


def icu_body() -> bytes:
    """A day in intensive care: vital signs each hour, laboratory every six, and NEWS2's inputs."""
    resources: list[dict[str, Any]] = [
        {"resourceType": "Patient", "id": "p-1", "birthDate": "1951-02-03"}
    ]
    for every_h, charted in ((1, HOURLY), (6, LABORATORY)):
        for hour in range(0, 24, every_h):
            for code, unit, value in charted:
                resources.append(observation(len(resources), code, unit, value, 60 * hour + 5))
    return encode({"resources": resources, "at": AT.isoformat(), "model": MODEL})
