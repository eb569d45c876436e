"""A moment becomes a day of readings at home, before their stay, of two of the demo's people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherry.fhir.identity import derived_id
from wherry.suite.demo.feed import ADMITTED_BEFORE, Result
from wherry.suite.demo.roster import PEOPLE, WORST, Person

BEFORE = ADMITTED_BEFORE + timedelta(hours=2)
"""How long before the feed's end the last of them was taken: all are older than the feed's own."""
WITH_WITHINGS, WITH_OPEN_MHEALTH = WORST, PEOPLE[5]
_SINCE = "2020-01-01T00:00:00+00:00"  # the same in every run: the binding stays the one it is

# Withings measure type → LOINC code of what becomes of it. Source: measure-getmeas; FHIR R4
_TYPES = {1: "29463-7", 9: "8462-4", 10: "8480-6", 11: "8867-4", 54: "2708-6"}
# Hours before the last reading → type, value and exponent of each number
_MEASURED: tuple[tuple[int, tuple[tuple[int, int, int], ...]], ...] = (
    (24, ((10, 13800, -2), (9, 84, 0), (11, 880, -1))),
    (23, ((1, 61400, -3),)),
    (22, ((54, 96, 0),)),
    (12, ((10, 132, 0), (9, 80, 0), (11, 92, 0))),
    (8, ((54, 95, 0),)),
    (0, ((10, 126, 0), (9, 78, 0), (11, 95, 0))),
    (0, ((54, 94, 0),)),
)
_DIGITS = {1: Decimal("0.001")}

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


@dataclass(frozen=True, slots=True)
class Day:
    """What one person's device sends, whose it is, and what must be found after it."""

    source: str
    mrn: str
    begins: datetime
    binding: Mapping[str, str]
    payload: Any = field(repr=False)
    results: tuple[Result, ...] = field(repr=False)


def home(reference: datetime) -> tuple[Day, Day]:
    """The days that end before the feed which ends at `reference`, an aware moment."""
    last = reference.replace(second=0, microsecond=0) - BEFORE
    return _withings(WITH_WITHINGS, last), _open_mhealth(WITH_OPEN_MHEALTH, last)


def _withings(person: Person, last: datetime) -> Day:
    device = f"demo-cuff-{person.number:04d}"
    groups, results = [], []
    for row, (hours, measures) in enumerate(_MEASURED):
        at = last - timedelta(hours=hours)
        seconds = int(at.timestamp())
        groups.append(
            {
                "grpid": seconds * 10 + row,
                "attrib": 0,
                "category": 1,
                "date": seconds,
                "created": seconds + 20,
                "modified": seconds + 20,
                "deviceid": device,
                "model": "Demo Cuff",
                "measures": [{"type": t, "value": v, "unit": unit} for t, v, unit in measures],
            }
        )
        for type_, value, unit in measures:
            number = Decimal(value).scaleb(unit).quantize(_DIGITS.get(type_, Decimal(1)))
            results.append(Result(person.mrn, _TYPES[type_], at, str(number)))
    body = {"timezone": "Europe/Berlin", "updatetime": int(last.timestamp()), "measuregrps": groups}
    return Day(
        "withings",
        person.mrn,
        _begins(last),
        _binding("withings", "device", device),
        {"status": 0, "body": body},
        tuple(results),
    )


def _open_mhealth(person: Person, last: datetime) -> Day:
    account = f"demo-user-{person.number:04d}"
    points, results = [], []
    for row, (hours, schema, values) in enumerate(_POINTS):
        at = last - timedelta(hours=hours)
        points.append(_point(account, schema, at, row, values))
        results += [Result(person.mrn, code, at, value) for _, value, _, code in values]
    return Day(
        "openmhealth",
        person.mrn,
        _begins(last),
        _binding("openmhealth", "account", account),
        points,
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


def _begins(last: datetime) -> datetime:
    return last - timedelta(days=1, hours=1)


def _binding(source: str, kind: str, name: str) -> Mapping[str, str]:
    return {"source": source, kind: name, "valid_from": _SINCE, "verified_by": "wherry demo"}
