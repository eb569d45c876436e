"""A day of a glucose sensor, every five minutes, as Dexcom's cloud tells it.

What the sensor shows depends on the time of the day alone, so that the same day told again is the
same. Once it is below the end of its scale, and for forty minutes it was out of reach.
Source: developer.dexcom.com, API v3, egvs.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from math import pi, sin
from typing import Any
from zoneinfo import ZoneInfo

from wherry.suite.demo.day import LENGTH, Cloud, Day, begins, binding
from wherry.suite.demo.feed import Result
from wherry.suite.demo.roster import Person

_EVERY = timedelta(minutes=5)
_HERE = ZoneInfo("Europe/Berlin")
_PAYLOADS = 4
_GLUCOSE = "99504-3"
_MODEL = "g7"
_FLOOR, _BELOW = 39, "<40"
# Minutes of the day, UTC
_LOW = range(185, 200)
_OUT_OF_REACH = range(780, 820)
_MEALS = ((420, 62), (735, 78), (1110, 70))
"""When somebody ate, and by how many mg/dL it rose at most."""
_NIGHT, _DAY = 84, 104


def dexcom(person: Person, last: datetime) -> Day:
    """The day that ends at `last`, in answers of six hours each."""
    moments = list(_moments(last))
    records = [_record(at, person) for at in moments]
    size = -(-len(records) // _PAYLOADS)
    account = _account(person)
    results = tuple(Result(person.mrn, _GLUCOSE, at, _shown(at)) for at in moments)
    return Day(
        "dexcom",
        "Dexcom sensor",
        person.mrn,
        begins(last),
        (binding("dexcom", "account", account),),
        tuple(
            _answer(account, records[start : start + size])
            for start in range(0, len(records), size)
        ),
        results,
        Cloud(account, tuple(_measured(at, person) for at in moments), results),
    )


def _moments(last: datetime) -> Iterator[datetime]:
    """On the clock's own fives, whenever the demo is played."""
    end = last.astimezone(UTC)
    at = end.replace(minute=end.minute - end.minute % 5, second=0)
    first = at - LENGTH
    while at > first:
        if _minute(at) not in _OUT_OF_REACH:
            yield at
        at -= _EVERY


def _measured(at: datetime, person: Person) -> Mapping[str, Any]:
    """For the sandbox, which says itself what is below its scale."""
    return {
        "kind": "glucose",
        "at": at.astimezone(_HERE).isoformat(),
        "values": {"value": _FLOOR if _is_low(at) else _value(at)},
        "device": _transmitter(person),
        "model": _MODEL,
        "extra": {"recordId": _id(at, person)},
    }


def _record(at: datetime, person: Person) -> Mapping[str, Any]:
    low = _is_low(at)
    return {
        "recordId": _id(at, person),
        "systemTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "displayTime": at.astimezone(_HERE).isoformat(),
        "transmitterId": _transmitter(person),
        "transmitterGeneration": _MODEL,
        "displayDevice": "iOS",
        "value": _FLOOR if low else _value(at),
        "status": "low" if low else None,
        "trend": "flat",
        "unit": "mg/dL",
        "rateUnit": "mg/dL/min",
    }


def _answer(account: str, records: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    return {"recordType": "egv", "recordVersion": "3.0", "userId": account, "records": records}


def _shown(at: datetime) -> str:
    return _BELOW if _is_low(at) else str(_value(at))


def _is_low(at: datetime) -> bool:
    return _minute(at) in _LOW


def _value(at: datetime) -> int:
    """mg/dL: a calm night with one deep hole, three meals by day."""
    minute = _minute(at)
    level = _NIGHT + (_DAY - _NIGHT) * (sin(pi * minute / 1440) if minute > 300 else 0)
    for eaten, rise in _MEALS:
        since = minute - eaten
        level += rise * sin(pi * since / 150) if 0 < since < 150 else 0
    away = min(abs(minute - _LOW.start), abs(minute - _LOW.stop))
    return round(level - max(0, 40 - away))


def _minute(at: datetime) -> int:
    return at.hour * 60 + at.minute


def _account(person: Person) -> str:
    return f"demo-account-{person.number:04d}"


def _transmitter(person: Person) -> str:
    return f"demo-transmitter-{person.number:04d}"


def _id(at: datetime, person: Person) -> str:
    """The same for the same moment, whenever the day is told."""
    return f"demo-egv-{person.number:04d}-{int(at.timestamp())}"
