"""Observations become table rows: the latest of each code, with unit, time and status."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

from wherry.resource import Resource
from wherry_ehr.chart.values import span, value
from wherry_ehr.chart.words import (
    UNKNOWN,
    WITHDRAWN,
    age,
    came_from,
    concept,
    moment,
    no_value,
)

_Key = tuple[str, str]

# Source: FHIR R4 v3-ObservationInterpretation; HL7 v2 table 0078
_FLAGS: Mapping[str, str] = {
    "N": "Normal",
    "L": "Low",
    "LL": "Critically low",
    "H": "High",
    "HH": "Critically high",
    "A": "Abnormal",
    "AA": "Critically abnormal",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement as it is shown."""

    label: str
    value: str
    flag: str
    range: str
    time: str
    age: str
    source: str
    status: str

    @property
    def is_abnormal(self) -> bool:
        """Whether its flag is any but normal."""
        return bool(self.flag) and self.flag.casefold() != "normal"


def latest(observations: Sequence[Resource], *, now: datetime) -> list[Row]:
    """The first value of each code, by label of its Observation; they come latest first.

    Components stay together, in their own order. A code counts the same as a component and alone:
    an older panel is not shown beside newer values of what it holds.
    """
    seen: set[_Key] = set()
    found: list[tuple[str, list[Row]]] = []
    for each in observations:
        if each.get("status") in WITHDRAWN:
            continue
        new = [(key, row) for key, row in _rows(each, now) if key not in seen]
        seen.update(key for key, _ in new)
        found.append((concept(each.get("code")).casefold(), [row for _, row in new]))
    return [row for _, rows in sorted(found, key=itemgetter(0)) for row in rows]


def _key(code: Mapping[str, Any]) -> _Key:
    coding: Mapping[str, Any] = next(iter(code.get("coding", [])), {})
    return str(coding.get("system", "")), str(coding.get("code") or concept(code))


def _rows(observation: Resource, now: datetime) -> Iterator[tuple[_Key, Row]]:
    """One row for the value and one for each component; a panel shows by its members."""
    code = observation.get("code", {})
    label = concept(code) or UNKNOWN
    components = observation.get("component", [])
    if value(observation) or not (components or observation.get("hasMember")):
        yield _key(code), _row(observation, observation, label, now)
    for component in components:
        own = component.get("code", {})
        yield _key(own), _row(component, observation, concept(own) or label, now)


def _row(held: Mapping[str, Any], observation: Resource, label: str, now: datetime) -> Row:
    period = observation.get("effectivePeriod", {})
    taken = observation.get("effectiveDateTime") or observation.get("effectiveInstant")
    at = taken or period.get("end") or period.get("start")
    return Row(
        label=label,
        value=value(held) or no_value(concept(held.get("dataAbsentReason"))) or UNKNOWN,
        flag=", ".join(filter(None, map(_flag, held.get("interpretation", [])))),
        range=_range(held.get("referenceRange", [])),
        time=moment(at),
        age=age(at, now),
        source=came_from(observation),
        status=observation.get("status", UNKNOWN),
    )


def _flag(interpretation: Mapping[str, Any]) -> str:
    said = concept(interpretation)
    return _FLAGS.get(said, said)


def _range(ranges: Sequence[Mapping[str, Any]]) -> str:
    chosen: Mapping[str, Any] = next(iter(ranges), {})
    return str(chosen.get("text") or span(chosen))
