"""Observations become series: one per kind of value and unit, in time order, digits as recorded."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wherry.fhir.home import absent_of, marks_of
from wherry.fhir.systems import DEVICE_BASELINE, LOINC
from wherry.resource import Resource
from wherry_smart.summary.sources import Sources
from wherry_smart.summary.words import (
    UNKNOWN,
    WITHDRAWN,
    age_s,
    concept,
    moment,
    taken_at,
    unit,
)

VITAL, LABORATORY, OTHER = "vital-signs", "laboratory", "other"

# Vital signs in the order of a bedside chart, by LOINC code; codes that mean the same share a row.
# Source: LOINC vital signs of the FHIR R4 profiles
_VITALS = (
    ("pulse", "Heart rate", ("8867-4", "8889-8")),
    ("respiration-rate", "Respiratory rate", ("9279-1",)),
    ("spo2", "Oxygen saturation", ("59408-5", "2708-6")),
    ("oxygen-flow", "Oxygen flow", ("3151-8",)),
    ("systolic-bp", "Systolic BP", ("8480-6",)),
    ("diastolic-bp", "Diastolic BP", ("8462-4",)),
    ("mean-bp", "Mean BP", ("8478-0",)),
    ("temperature", "Temperature", ("8310-5", "8331-1", "8333-7", "8332-9", "8328-7", "8329-5")),
)
_KNOWN = {code: (name, label) for name, label, codes in _VITALS for code in codes}
_ORDER = {name: place for place, (name, _, _) in enumerate(_VITALS)}
_CATEGORIES = (VITAL, LABORATORY, OTHER)

_ANSWERS = {"Y": "Yes", "N": "No"}
"""Source: HL7 v2 table 0136."""

# LOINC's own names of these are longer than a page is wide
_SHORT = {
    "99504-3": "Glucose, sensor",
    "105272-9": "Glucose, sensor",
    "41653-7": "Glucose, meter",
    "14743-9": "Glucose, meter",
}


@dataclass(frozen=True, slots=True)
class Held:
    """One value: the Observation itself, or a component of it."""

    observation: Resource
    element: Mapping[str, Any]

    @property
    def quantity(self) -> Mapping[str, Any] | None:
        """The number and its unit, if that is what it holds."""
        value = self.element.get("valueQuantity")
        return value if isinstance(value, Mapping) and "value" in value else None


def held(observations: Sequence[Resource]) -> Iterator[Held]:
    """Every value of every Observation that was not withdrawn and is of the person at a time.

    What is usual for a person stands beside a series and is none itself.
    """
    for each in observations:
        if each.get("status") in WITHDRAWN or _is_usual(each):
            continue
        if _has_value(each):
            yield Held(each, each)
        for component in each.get("component", []):
            yield Held(each, component)


def series(
    observations: Sequence[Resource], sources: Sources, *, now: datetime
) -> list[Mapping[str, Any]]:
    """The series of numbers: vital signs in bedside order, then laboratory, then the rest.

    One kind of value in two units is two series: nothing is converted without being asked.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for value in held(observations):
        quantity, at = value.quantity, taken_at(value.observation)
        if quantity is None or not _is_timed(value):
            continue
        name, label = _named(value.element)
        row = found.setdefault(
            (name, str(quantity.get("code") or quantity.get("unit", ""))),
            {
                "name": name,
                "label": label,
                "unit": unit(quantity),
                "category": _category(value.observation, name),
                "range": None,
                "points": [],
            },
        )
        row["range"] = row["range"] or _range(value.element)
        row["points"].append(_point(value, str(quantity["value"]), at, sources, now))
    for row in found.values():
        row["points"].sort(key=lambda point: moment(point["at"]) or now)
    return sorted(found.values(), key=_place)


def findings(
    observations: Sequence[Resource], sources: Sources, *, now: datetime
) -> list[Mapping[str, Any]]:
    """The newest of each kind of value that no line can show: no number, or no instant.

    Why there is no value is told until there is one.
    """
    found: dict[str, Mapping[str, Any]] = {}
    numbered: set[str] = set()
    for value in held(observations):  # newest first, as they were read
        name, label = _named(value.element)
        if value.quantity is not None and _is_timed(value):
            numbered.add(name)
            continue
        if name in found or (name in numbered and "dataAbsentReason" in value.element):
            continue
        at = taken_at(value.observation)
        point = _point(value, _text(value.element), at, sources, now)
        found[name] = {"name": name, "label": label, "absent": absent_of(value.element), **point}
    return list(found.values())


def _is_usual(observation: Resource) -> bool:
    """Whether it says what is usual for a person: no value, and the page has words of its own."""
    codings = observation.get("code", {}).get("coding", [])
    return any(coding.get("system") == DEVICE_BASELINE for coding in codings)


def _is_timed(value: Held) -> bool:
    return moment(taken_at(value.observation)) is not None


def _point(value: Held, text: str, at: str, sources: Sources, now: datetime) -> Mapping[str, Any]:
    flags = (concept(each) for each in value.element.get("interpretation", []))
    return {
        "at": at,
        "age_s": age_s(at, now),
        "value": text,
        "comparator": str((value.quantity or {}).get("comparator", "")),
        "status": str(value.observation.get("status", "")),
        "flag": ", ".join(filter(None, flags)),
        "marks": list(marks_of(value.observation)),
        "observation": f"Observation/{value.observation.get('id', '')}",
        "source": sources.number(value.observation),
    }


def _named(element: Mapping[str, Any]) -> tuple[str, str]:
    """A name that equal kinds of value share, and the label of the row."""
    code = element.get("code", {})
    codings = [each for each in code.get("coding", []) if each.get("code")]
    for coding in codings:
        if coding.get("system") == LOINC and coding["code"] in _KNOWN:
            return _KNOWN[coding["code"]]
    label = concept(code) or UNKNOWN
    if not codings:
        return label, label
    if codings[0].get("system") == LOINC:
        label = _SHORT.get(codings[0]["code"], label)
    return f"{codings[0].get('system', '')}|{codings[0]['code']}", label


def _category(observation: Resource, name: str) -> str:
    if name in _ORDER:
        return VITAL
    codes = {
        str(coding.get("code"))
        for each in observation.get("category", [])
        for coding in each.get("coding", [])
    }
    return next((each for each in (VITAL, LABORATORY) if each in codes), OTHER)


def _place(row: Mapping[str, Any]) -> tuple[int, int, str]:
    category = _CATEGORIES.index(row["category"])
    return category, _ORDER.get(row["name"], len(_ORDER)), str(row["label"]).casefold()


def _range(element: Mapping[str, Any]) -> Mapping[str, str] | None:
    given = next(iter(element.get("referenceRange", [])), None)
    if not isinstance(given, Mapping):
        return None
    ends = {end: str(given.get(end, {}).get("value", "")) for end in ("low", "high")}
    return {**ends, "text": str(given.get("text", ""))}


def _has_value(observation: Resource) -> bool:
    return any(name.startswith("value") for name in observation) or (
        "component" not in observation and "dataAbsentReason" in observation
    )


def _text(element: Mapping[str, Any]) -> str:
    """A value that is no number, as text. Source: FHIR R4 Observation.value[x]."""
    if "valueBoolean" in element:
        return "Yes" if element["valueBoolean"] else "No"
    quantity = element.get("valueQuantity")
    if isinstance(quantity, Mapping) and "value" in quantity:
        return f"{quantity['value']} {unit(quantity)}".rstrip()
    plain = ("valueString", "valueInteger", "valueDateTime", "valueTime")
    answer = concept(element.get("valueCodeableConcept"))
    said = (
        _ANSWERS.get(answer, answer),
        *(str(element[name]) for name in plain if name in element),
        concept(element.get("dataAbsentReason")),
    )
    return next((each for each in said if each), "Not shown here")


def since(
    rows: Sequence[Mapping[str, Any]], *, hours: int, now: datetime
) -> list[Mapping[str, Any]]:
    """The series without points older than so many hours; 0 keeps all. Empty series go."""
    if not hours:
        return list(rows)
    oldest = now - timedelta(hours=hours)
    cut = [
        {**row, "points": [each for each in row["points"] if (moment(each["at"]) or now) >= oldest]}
        for row in rows
    ]
    return [row for row in cut if row["points"]]
