"""A day of a cuff, a scale and a thermometer that also counts oxygen, as Withings' cloud tells it.

One measurement reached the cloud a day late, one was typed in by hand, one is corrected by a second
answer. Source: developer.withings.com, measure-getmeas.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherry.suite.demo.day import Cloud, Day, begins, binding
from wherry.suite.demo.feed import Result
from wherry.suite.demo.roster import Person

# Withings measure type → LOINC code of what becomes of it. Source: measure-getmeas; FHIR R4
_TYPES = {1: "29463-7", 9: "8462-4", 10: "8480-6", 11: "8867-4", 54: "2708-6", 71: "8310-5"}
_DIGITS = {1: Decimal("0.001"), 71: Decimal("0.01")}
_MODELS = {"cuff": "Demo Cuff", "scale": "Demo Scale", "thermo": "Demo Thermometer"}
_SURE, _BY_HAND = 0, 2
# What the sandbox calls a group, by the type of its first number, and the numbers in it
_KINDS = {1: "weight", 10: "bp", 54: "spo2", 71: "body_temp"}
_NAMES = {10: "systolic", 9: "diastolic", 11: "pulse"}

Number = tuple[int, int, int]
"""Type, value and exponent of ten."""


@dataclass(frozen=True, slots=True)
class _Group:
    """What was measured together, and how many hours before the last reading."""

    hours: int
    device: str
    numbers: tuple[Number, ...]
    attrib: int = _SURE
    uploaded_after: timedelta = timedelta(seconds=20)


_LATE = timedelta(hours=23)
_GROUPS: Sequence[_Group] = (
    _Group(24, "cuff", ((10, 13800, -2), (9, 84, 0), (11, 880, -1)), uploaded_after=_LATE),
    _Group(15, "scale", ((1, 61400, -3),)),
    _Group(14, "thermo", ((71, 3752, -2),)),
    _Group(14, "thermo", ((54, 96, 0),)),
    _Group(12, "cuff", ((10, 132, 0), (9, 80, 0), (11, 92, 0))),
    _Group(8, "thermo", ((54, 95, 0),)),
    _Group(6, "cuff", ((10, 129, 0), (9, 79, 0)), attrib=_BY_HAND),
    _Group(3, "thermo", ((71, 3780, -2),)),
    _Group(0, "cuff", ((10, 126, 0), (9, 78, 0), (11, 95, 0))),
    _Group(0, "thermo", ((54, 94, 0),)),
)
_MISREAD = 7
"""The row that the first answer has wrong."""
_WRONG: tuple[Number, ...] = ((71, 3970, -2),)
_CORRECTED_AFTER = timedelta(hours=1)


def withings(person: Person, last: datetime) -> Day:
    """The day that ends at `last`, as two answers of getmeas."""
    first = [_told(row, one, person, last) for row, one in enumerate(_GROUPS)]
    right = first[_MISREAD]
    first[_MISREAD] = {**right, "measures": _measures(_WRONG)}
    modified = right["modified"] + int(_CORRECTED_AFTER.total_seconds())
    second = [{**right, "modified": modified}]
    return Day(
        "withings",
        "Withings cuff, scale, thermometer",
        person.mrn,
        begins(last),
        tuple(binding("withings", "device", _device(name, person)) for name in _MODELS),
        (_answer(first, last), _answer(second, last)),
        tuple(result for one in _GROUPS for result in _results(one, person, last)),
        _cloud(person, last),
    )


def _cloud(person: Person, last: datetime) -> Cloud:
    """The same for the sandbox, which says itself when it heard of what."""
    told = list(_GROUPS)
    right = _values(told[_MISREAD].numbers)
    told[_MISREAD] = replace(told[_MISREAD], numbers=_WRONG)
    return Cloud(
        f"demo-account-{person.number:04d}",
        tuple(_measured(row, one, person, last) for row, one in enumerate(told)),
        tuple(result for one in told for result in _results(one, person, last)),
        {_MISREAD: right},
    )


def _measured(row: int, one: _Group, person: Person, last: datetime) -> Mapping[str, Any]:
    at = last - timedelta(hours=one.hours)
    return {
        "kind": _KINDS[one.numbers[0][0]],
        "at": at.isoformat(),
        "values": _values(one.numbers),
        "device": _device(one.device, person),
        "model": _MODELS[one.device],
        "manual": one.attrib == _BY_HAND,
        "extra": {"grpid": _id(row, at)},
    }


def _values(numbers: Sequence[Number]) -> Mapping[str, Decimal]:
    return {
        _NAMES.get(type_, "value"): Decimal(value).scaleb(unit) for type_, value, unit in numbers
    }


def _id(row: int, at: datetime) -> int:
    return int(at.timestamp()) * 10 + row


def _told(row: int, one: _Group, person: Person, last: datetime) -> dict[str, Any]:
    at = last - timedelta(hours=one.hours)
    seconds, uploaded = int(at.timestamp()), int((at + one.uploaded_after).timestamp())
    return {
        "grpid": _id(row, at),
        "attrib": one.attrib,
        "category": 1,
        "date": seconds,
        "created": uploaded,
        "modified": uploaded,
        "deviceid": _device(one.device, person),
        "model": _MODELS[one.device],
        "measures": _measures(one.numbers),
    }


def _measures(numbers: Sequence[Number]) -> list[Mapping[str, int]]:
    return [{"type": type_, "value": value, "unit": unit} for type_, value, unit in numbers]


def _answer(groups: Sequence[Mapping[str, Any]], last: datetime) -> Mapping[str, Any]:
    updated = int(last.timestamp())
    return {
        "status": 0,
        "body": {"timezone": "Europe/Berlin", "updatetime": updated, "measuregrps": groups},
    }


def _results(one: _Group, person: Person, last: datetime) -> list[Result]:
    at = last - timedelta(hours=one.hours)
    return [
        Result(person.mrn, _TYPES[type_], at, _digits(type_, Decimal(value).scaleb(unit)))
        for type_, value, unit in one.numbers
    ]


def _digits(type_: int, number: Decimal) -> str:
    return str(number.quantize(_DIGITS.get(type_, Decimal(1))))


def _device(name: str, person: Person) -> str:
    return f"demo-{name}-{person.number:04d}"
