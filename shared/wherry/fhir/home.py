"""Observations become what devices outside of the hospital measured, by kind and source.

A sensor has hundreds of values a day: a page shows the newest, where it came from, what is odd
about it, and the course of the others.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from wherry.fhir.systems import DEVICE_QUALITY, LOINC
from wherry.resource import Resource

MOST = 300
"""Readings that the course of one kind is made of: a sensor's day."""

CGM = ("99504-3", "105272-9")
"""Glucose of a sensor under the skin, in mg/dL and mmol/L. Source: HL7 CGM guide 1.0."""

_Element = Mapping[str, Any]

_DEVICES = "urn:wherry:devices:"
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
# Systolic, then diastolic: measured, and the mean of several
_PRESSURES = (("8480-6", "8462-4"), ("96608-5", "96609-3"))

# The order of a page, by LOINC code: a name for other languages, and words of our own
_KINDS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("bp", "Blood pressure", ("85354-9",)),
    ("bp-average", "Blood pressure, average", ("96607-7",)),
    ("pulse", "Heart rate", ("8867-4",)),
    ("resting-pulse", "Heart rate at rest", ("40443-4",)),
    ("spo2", "Oxygen saturation", ("2708-6", "59408-5")),
    ("temperature", "Temperature", ("8310-5",)),
    ("respiration-rate", "Respiratory rate", ("9279-1",)),
    ("cgm", "Glucose, sensor", CGM),
    ("glucose-meter", "Glucose, meter", ("41653-7", "14743-9")),
    ("weight", "Body weight", ("29463-7",)),
)
_KNOWN = {code: (name, label) for name, label, codes in _KINDS for code in codes}
_ORDER = {name: place for place, (name, _, _) in enumerate(_KINDS)}

# Sources by the names of their templates; a site's own keep theirs
_SOURCES: Mapping[str, str] = {
    "apple-export": "Apple Health export",
    "ble-hub": "Bluetooth hub",
    "derived": "computed here",
    "dexcom": "Dexcom",
    "google-health": "Google Health",
    "health-connect": "Health Connect",
    "healthkit": "Apple HealthKit",
    "ihealth": "iHealth",
    "junction": "Junction",
    "kardia": "KardiaMobile",
    "omron": "Omron",
    "openmhealth": "Open mHealth",
    "smartmeter": "SmartMeter",
    "tenovi": "Tenovi",
    "terra": "Terra",
    "validic": "Validic",
    "withings": "Withings",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """One value, `text` with comparator and digits, or the code of why there is none."""

    at: str
    moment: datetime | None
    text: str = field(repr=False)
    number: Decimal | None = field(repr=False)
    absent: str
    marks: tuple[str, ...]
    observation: Resource = field(repr=False)


@dataclass(frozen=True, slots=True)
class Kind:
    """All of one kind in one unit from one source, newest first; there is at least one.

    `quantity` has the unit that the numbers are in, if there are any.
    """

    name: str
    label: str
    source: str
    quantity: Mapping[str, Any] = field(repr=False)
    readings: tuple[Reading, ...] = field(repr=False)

    @property
    def newest(self) -> Reading:
        """What was measured last, or why it could not be."""
        return self.readings[0]

    @property
    def before(self) -> Reading | None:
        """The newest value, when what came last has none."""
        if not self.newest.absent:
            return None
        return next((one for one in self.readings if not one.absent), None)

    @property
    def earlier(self) -> Mapping[str, int]:
        """How many of the others have which marks that the newest does not have."""
        others = Counter(mark for one in self.readings[1:MOST] for mark in one.marks)
        return {mark: n for mark, n in others.items() if mark not in self.newest.marks}

    @property
    def course(self) -> tuple[Reading, ...]:
        """The numbers with a time, oldest first."""
        timed = (one for one in self.readings if one.number is not None and one.moment is not None)
        return tuple(timed)[:MOST][::-1]

    @property
    def ends(self) -> tuple[str, str]:
        """The lowest and the highest of the course; of blood pressures, by the systolic."""
        numbered = [(one.number, one.text) for one in self.course if one.number is not None]
        if not numbered:
            return "", ""
        return min(numbered)[1], max(numbered)[1]


def source_of(resource: Mapping[str, Any]) -> str:
    """Whose reading it is, as a reader calls that source; empty when no device took it."""
    said = str(resource.get("meta", {}).get("source", "")).partition("#")[0]
    if not said.startswith(_DEVICES):
        return ""
    name = unquote(said.removeprefix(_DEVICES))
    return _SOURCES.get(name, name)


def marks_of(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """What is not quite as it seems, as codes of our own system, such as manual."""
    tags = resource.get("meta", {}).get("tag", [])
    return tuple(str(tag.get("code", "")) for tag in tags if tag.get("system") == DEVICE_QUALITY)


def absent_of(element: Mapping[str, Any]) -> str:
    """The code of why there is no value. Source: FHIR data-absent-reason."""
    codings = element.get("dataAbsentReason", {}).get("coding", [])
    return next((str(each["code"]) for each in codings if each.get("code")), "")


def home(observations: Sequence[Resource]) -> list[Kind]:
    """The kinds of readings in these Observations that devices took, in the order of a page."""
    found: dict[tuple[str, str, str], list[Reading]] = {}
    labels: dict[str, str] = {}
    quantities: dict[tuple[str, str, str], Mapping[str, Any]] = {}
    for one in observations:
        source = source_of(one)
        if not source or one.get("status") in _WITHDRAWN:
            continue
        for code, parts in _measured(one):
            reading, quantity = _read(one, parts)
            if reading is None:
                continue
            name, label = _named(code)
            labels.setdefault(name, label)
            key = (name, source, str(quantity.get("code") or quantity.get("unit", "")))
            quantities.setdefault(key, quantity)
            found.setdefault(key, []).append(reading)
    for key in [key for key in found if not key[2]]:
        _join(found, key)
    made = [
        Kind(name, labels[name], source, quantities[name, source, unit], _sorted(readings))
        for (name, source, unit), readings in found.items()
    ]
    return sorted(
        made, key=lambda kind: (_ORDER.get(kind.name, len(_ORDER)), kind.label, kind.source)
    )


def _join(found: dict[tuple[str, str, str], list[Reading]], key: tuple[str, str, str]) -> None:
    """Readings without a value have no unit: they go with the others of their kind and source."""
    others = [each for each in found if each[:2] == key[:2] and each[2]]
    if others:
        found[others[0]] += found.pop(key)


def _sorted(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    def when(one: Reading) -> tuple[bool, float]:
        return one.moment is not None, one.moment.timestamp() if one.moment else 0.0

    return tuple(sorted(readings, key=when, reverse=True))


def _measured(observation: Resource) -> list[tuple[_Element, list[_Element]]]:
    """What an Observation tells of, each by its code: a blood pressure's numbers are one thing.

    Numbers of another panel of LOINC's are one each. Of any other panel only what it says itself:
    what is usual for a person is no reading.
    """
    code: _Element = observation.get("code", {})
    pressures = _pressures(observation)
    if pressures or "component" not in observation or "valueQuantity" in observation:
        return [(code, pressures or [observation])]
    if not any(each.get("system") == LOINC for each in code.get("coding", [])):
        return []
    numbers = [each for each in observation["component"] if "valueQuantity" in each]
    return [(each.get("code", {}), [each]) for each in numbers] or [(code, [observation])]


def _named(code: _Element) -> tuple[str, str]:
    for coding in code.get("coding", []):
        if coding.get("system") == LOINC and coding.get("code") in _KNOWN:
            return _KNOWN[coding["code"]]
    said = [code.get("text"), *(each.get("display") for each in code.get("coding", []))]
    label = next((str(each) for each in said if each), "Reading")
    return label, label


def _read(observation: Resource, parts: Sequence[_Element]) -> tuple[Reading | None, _Element]:
    """The reading of these parts of an Observation, and the quantity that tells its unit."""
    quantities = [part.get("valueQuantity", {}) for part in parts]
    texts = [_text(each) for each in quantities]
    absent = next(filter(None, map(absent_of, parts)), "")
    if not any(texts) and not absent:
        return None, {}
    at = _taken_at(observation)
    reading = Reading(
        at=at,
        moment=_moment(at),
        text="/".join(text or "–" for text in texts) if any(texts) else "",
        number=_number(quantities[0].get("value")),
        absent="" if any(texts) else absent,
        marks=marks_of(observation),
        observation=observation,
    )
    return reading, next((each for each in quantities if "value" in each), {})


def _pressures(observation: Resource) -> list[_Element]:
    """Systolic, then diastolic; nothing for any other Observation."""
    by_code = {
        str(coding.get("code")): component
        for component in observation.get("component", [])
        for coding in component.get("code", {}).get("coding", [])
        if coding.get("system") == LOINC
    }
    for pair in _PRESSURES:
        if found := [by_code[code] for code in pair if code in by_code]:
            return found
    return []


def _text(quantity: Mapping[str, Any]) -> str:
    return f"{quantity.get('comparator', '')}{quantity.get('value', '')}"


def _taken_at(observation: Resource) -> str:
    period = observation.get("effectivePeriod", {})
    said = (observation.get("effectiveDateTime"), period.get("end"), period.get("start"))
    return next((str(each) for each in said if each), "")


def _moment(text: str) -> datetime | None:
    """An aware moment; None for a date alone."""
    try:
        found = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _number(value: Any) -> Decimal | None:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
