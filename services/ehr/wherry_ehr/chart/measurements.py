"""Observations become table rows: the latest of each code, with unit, time and status."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wherry.resource import Resource
from wherry_ehr.chart.values import span, value
from wherry_ehr.chart.words import UNKNOWN, WITHDRAWN, concept, moment


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement as it is shown."""

    label: str
    value: str
    flag: str
    range: str
    time: str
    status: str


def latest(observations: Sequence[Resource]) -> list[Row]:
    """The first Observation of each code, by label; they come latest first.

    Components stay together, in their own order.
    """
    chosen: dict[tuple[str, str], Resource] = {}
    for each in observations:
        if each.get("status") not in WITHDRAWN:
            chosen.setdefault(_key(each.get("code", {})), each)
    by_label = sorted(chosen.values(), key=lambda each: concept(each.get("code")).casefold())
    return [row for each in by_label for row in _rows(each)]


def _key(code: Mapping[str, Any]) -> tuple[str, str]:
    coding: Mapping[str, Any] = next(iter(code.get("coding", [])), {})
    return str(coding.get("system", "")), str(coding.get("code") or concept(code))


def _rows(observation: Resource) -> Iterator[Row]:
    """One row for the value and one for each component."""
    label = concept(observation.get("code")) or UNKNOWN
    components = observation.get("component", [])
    if not components or value(observation):
        yield _row(observation, observation, label)
    for component in components:
        yield _row(component, observation, concept(component.get("code")) or label)


def _row(held: Mapping[str, Any], observation: Resource, label: str) -> Row:
    period = observation.get("effectivePeriod", {})
    taken = observation.get("effectiveDateTime") or observation.get("effectiveInstant")
    return Row(
        label=label,
        value=value(held) or concept(held.get("dataAbsentReason")) or UNKNOWN,
        flag=", ".join(filter(None, map(concept, held.get("interpretation", [])))),
        range=_range(held.get("referenceRange", [])),
        time=moment(taken or period.get("end") or period.get("start")),
        status=observation.get("status", UNKNOWN),
    )


def _range(ranges: Sequence[Mapping[str, Any]]) -> str:
    chosen: Mapping[str, Any] = next(iter(ranges), {})
    return str(chosen.get("text") or span(chosen))
