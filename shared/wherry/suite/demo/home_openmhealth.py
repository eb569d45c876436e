"""A day of data points of a wearer's app. Source: Open mHealth schemas."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherry.fhir.identity import derived_id
from wherry.suite.demo.day import Day, begins, binding
from wherry.suite.demo.feed import Result
from wherry.suite.demo.roster import Person

# Hours before the last reading → Open mHealth schema, and its body: value, unit, LOINC code
_POINTS: tuple[tuple[int, str, tuple[tuple[str, str, str, str], ...]], ...] = (
    (24, "blood-pressure", (
        ("systolic_blood_pressure", "124", "mmHg", "8480-6"),
        ("diastolic_blood_pressure", "79", "mmHg", "8462-4"),
    )),
    (24, "heart-rate", (("heart_rate", "71", "beats/min", "8867-4"),)),
    (20, "body-weight", (("body_weight", "82.40", "kg", "29463-7"),)),
    (12, "body-temperature", (("body_temperature", "99.10", "F", "8310-5"),)),
    (6, "respiratory-rate", (("respiratory_rate", "16", "breaths/min", "9279-1"),)),
    (0, "oxygen-saturation", (("oxygen_saturation", "97", "%", "2708-6"),)),
    (0, "heart-rate", (("heart_rate", "74", "beats/min", "8867-4"),)),
)  # fmt: skip


def openmhealth(person: Person, last: datetime) -> Day:
    """The day that ends at `last`, as one list of data points."""
    account = f"demo-user-{person.number:04d}"
    points, results = [], []
    for row, (hours, schema, values) in enumerate(_POINTS):
        at = last - timedelta(hours=hours)
        points.append(_point(account, schema, at, row, values))
        results += [Result(person.mrn, code, at, value) for _, value, _, code in values]
    return Day(
        "openmhealth",
        "Open mHealth app",
        person.mrn,
        begins(last),
        (binding("openmhealth", "account", account),),
        (points,),
        tuple(results),
    )


def _point(
    account: str, schema: str, at: datetime, row: int, values: tuple[tuple[str, str, str, str], ...]
) -> Mapping[str, Any]:
    return {
        "header": {
            "id": derived_id("DemoPoint", account, at.isoformat(), str(row)),
            "creation_date_time": at.isoformat(),
            "schema_id": {"namespace": "omh", "name": schema, "version": "4.0"},
            "acquisition_provenance": {"source_name": "Demo App", "modality": "sensed"},
            "user_id": account,
        },
        "body": {
            **{name: {"value": Decimal(value), "unit": unit} for name, value, unit, _ in values},
            "effective_time_frame": {"date_time": at.isoformat()},
        },
    }
