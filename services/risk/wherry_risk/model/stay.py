"""The record of a hospital stay that ends becomes the numbers that a discharge model reads."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wherry.resource import Resource
from wherry_risk.model.charlson import comorbidity
from wherry_risk.model.icd import CONDITIONS, SYSTEMS, conditions
from wherry_risk.model.moments import moment
from wherry_risk.model.record import Named, Record

YEAR = timedelta(days=365)
HALF_YEAR = timedelta(days=182)

# Source: SNOMED CT, services of oncology; HL7 service-type.
ONCOLOGY = frozenset({"394592004", "394593009", "394594003", "419772000"})

# Source: HL7 v3 ActCode, as FHIR R4 Encounter.class takes it.
CLASSES: Mapping[str, frozenset[str]] = {
    "inpatient": frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS"}),
    "emergency": frozenset({"EMER"}),
    "ambulatory": frozenset({"AMB", "HH", "VR", "FLD"}),
}
# Source: HL7 v3 ActPriority: emergency and stat; urgent, rush and as soon as possible; the others.
PRIORITIES = {
    **dict.fromkeys(("EM", "S", "A"), 2.0),
    **dict.fromkeys(("UR", "R", "ASAP"), 1.0),
    **dict.fromkeys(("EL", "P", "PRN"), 0.0),
}
# Source: FHIR R4 value sets encounter-admit-source and encounter-discharge-disposition; the patient
# discharge status codes of the NUBC (two digits), which US hospitals send in their place.
FROM_EMERGENCY = frozenset({"emd"})
FROM_ELSEWHERE = frozenset({"hosp-trans", "nursing", "psych", "rehab"})
FROM_KNOWN = FROM_EMERGENCY | FROM_ELSEWHERE | {"outp", "born", "gp", "mp"}
DISPOSITIONS: Mapping[str, frozenset[str]] = {
    "to-home": frozenset({"home", "01"}),
    "to-home-care": frozenset({"alt-home", "06", "08"}),
    "to-nursing": frozenset({"snf", "03", "04", "61", "64"}),
    "to-rehab": frozenset({"rehab", "long", "62", "63"}),
    "to-hospital": frozenset({"other-hcf", "psy", "02", "05", "43", "65", "66", "70"}),
}
AGAINST_ADVICE = frozenset({"aadvice", "07"})
DISPOSITIONS_KNOWN = AGAINST_ADVICE.union(*DISPOSITIONS.values())
NOT_HAPPENED = frozenset(
    {"entered-in-error", "cancelled", "not-done", "planned", "draft", "stopped"}
)
REFUTED = frozenset({"refuted", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Told:
    """A number that the record tells, and the resource that it rests on."""

    value: float
    reference: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """The stay to be judged: its Encounter, and everything else of the record."""

    name: str
    encounter: Resource
    start: datetime
    end: datetime
    record: Record


def stay_of(record: Record, at: datetime) -> Stay | None:
    """The newest inpatient stay that began by `at`, until it ended, or until `at`."""
    found = [
        Stay(name, encounter, start, min(_end(encounter) or at, at), record)
        for name, encounter in record.others.get("Encounter", ())
        if _class(encounter) in CLASSES["inpatient"]
        and encounter.get("status") not in NOT_HAPPENED
        and (start := _start(encounter)) is not None
        and start <= at
    ]
    return max(found, key=lambda stay: (stay.start, stay.name), default=None)


def told(record: Record, at: datetime) -> Mapping[str, Told]:
    """Every number about the stay that the record tells, by name; none when there is no stay."""
    stay = stay_of(record, at)
    if stay is None:
        return {}
    made: dict[str, Told] = {}
    for names, tell in _TELLERS:
        for name, value in zip(names, tell(stay), strict=True):
            if value is not None:
                made[name] = Told(float(value), stay.name, stay.end)
    return made


def _length(stay: Stay) -> tuple[float]:
    """Whole days, a day that was begun counting as one, as hospitals bill."""
    return (float(max(1, (stay.end.date() - stay.start.date()).days)),)


def _before(stay: Stay) -> tuple[float, ...]:
    """Encounters of each class that began in the year before the stay."""
    begun = _begun_since(stay, YEAR)
    return tuple(float(begun.count(name)) for name in CLASSES)


def _begun_since(stay: Stay, reach: timedelta) -> list[str]:
    """The kinds of the encounters that began in this time before the stay."""
    return [
        kind
        for name, encounter in stay.record.others.get("Encounter", ())
        if name != stay.name
        and encounter.get("status") not in NOT_HAPPENED
        and (start := _start(encounter)) is not None
        and stay.start - reach <= start < stay.start
        for kind, codes in CLASSES.items()
        if _class(encounter) in codes
    ]


def _counts(stay: Stay) -> tuple[float | None, ...]:
    """Distinct medications, diagnoses and procedures of the stay, each by its code.

    Nobody is in hospital without a diagnosis or a medication: none means that the feed has none.
    """
    medications = {_key(one, "medicationCodeableConcept", "medicationReference")
                   for _, one in _of_stay(stay, "MedicationRequest")}  # fmt: skip
    procedures = {_key(one, "code") for _, one in _of_stay(stay, "Procedure")}
    diagnoses = {_key(one, "code") for _, one in _diagnoses(stay)}
    known = [len(one - {""}) for one in (medications, diagnoses, procedures)]
    return (known[0] or None, known[1] or None, known[2])


def _priority(stay: Stay) -> tuple[float | None]:
    known = [PRIORITIES[code] for code in _codes(stay.encounter.get("priority"))
             if code in PRIORITIES]  # fmt: skip
    return (max(known, default=None),)


def _source(stay: Stay) -> tuple[float | None, ...]:
    codes = set(_codes(_hospitalization(stay).get("admitSource")))
    if not codes & FROM_KNOWN:
        return (None, None)
    return (float(bool(codes & FROM_EMERGENCY)), float(bool(codes & FROM_ELSEWHERE)))


def _disposition(stay: Stay) -> tuple[float | None, ...]:
    codes = set(_codes(_hospitalization(stay).get("dischargeDisposition")))
    if not codes & DISPOSITIONS_KNOWN:
        return (None,) * len(DISPOSITIONS)
    return tuple(float(bool(codes & one)) for one in DISPOSITIONS.values())


def _comorbidity(stay: Stay) -> tuple[float | None]:
    coded = [pair for _, one in _diagnoses(stay) for pair in _pairs(one.get("code"))]
    known = any(system in SYSTEMS for system, _ in coded)
    return (float(comorbidity(coded)) if known else None,)


def _emergencies(stay: Stay) -> tuple[float]:
    return (float(_begun_since(stay, HALF_YEAR).count("emergency")),)


def _oncology(stay: Stay) -> tuple[float | None]:
    services = _codes(stay.encounter.get("serviceType"))
    return (float(bool(ONCOLOGY & set(services))) if services else None,)


def _conditions(stay: Stay) -> tuple[float | None, ...]:
    coded = [pair for _, one in _diagnoses(stay) for pair in _pairs(one.get("code"))]
    if not any(system in SYSTEMS for system, _ in coded):
        return (None,) * len(CONDITIONS)
    found = conditions(coded)
    return tuple(float(name in found) for name in CONDITIONS)


_TELLERS: tuple[tuple[tuple[str, ...], Callable[[Stay], tuple[float | None, ...]]], ...] = (
    (("length-of-stay",), _length),
    (("inpatient-before", "emergency-before", "ambulatory-before"), _before),
    (("emergency-6-months",), _emergencies),
    (("comorbidity",), _comorbidity),
    (("from-oncology",), _oncology),
    (("medications", "diagnoses", "procedures"), _counts),
    (("admission-priority",), _priority),
    (("from-emergency", "from-elsewhere"), _source),
    (tuple(DISPOSITIONS), _disposition),
    (tuple(CONDITIONS), _conditions),
)
NAMES = tuple(name for names, _ in _TELLERS for name in names)
"""Every number that `told` may hold."""


def _diagnoses(stay: Stay) -> Iterator[Named]:
    for name, one in _of_stay(stay, "Condition"):
        if not REFUTED & set(_codes(one.get("verificationStatus"))):
            yield name, one


def _of_stay(stay: Stay, type_: str) -> Iterator[Named]:
    """Resources of this type that say they belong to the stay."""
    for name, one in stay.record.others.get(type_, ()):
        happened = one.get("status") not in NOT_HAPPENED
        if happened and _reference(one.get("encounter")) == stay.name:
            yield name, one


def _hospitalization(stay: Stay) -> Resource:
    found = stay.encounter.get("hospitalization")
    return found if isinstance(found, dict) else {}


def _key(resource: Resource, *elements: str) -> str:
    """What makes two entries the same thing: the first code, else the text or the reference."""
    for element in elements:
        value = resource.get(element)
        if isinstance(value, dict):
            pairs = sorted(_pairs(value))
            return "|".join(pairs[0]) if pairs else str(value.get("text") or _reference(value))
    return ""


def _codes(concept: object) -> list[str]:
    return [code for _, code in _pairs(concept)]


def _pairs(concept: object) -> list[tuple[str, str]]:
    if isinstance(concept, list):
        return [pair for one in concept for pair in _pairs(one)]
    if not isinstance(concept, dict):
        return []
    coded = [(str(one.get("system", "")), one.get("code")) for one in _list(concept.get("coding"))]
    return [(system, code) for system, code in coded if isinstance(code, str)]


def _list(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _reference(value: object) -> str:
    found = value.get("reference") if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _class(encounter: Resource) -> str:
    found = encounter.get("class")
    return str(found.get("code", "")) if isinstance(found, dict) else ""


def _start(encounter: Resource) -> datetime | None:
    return _moment(encounter, "start")


def _end(encounter: Resource) -> datetime | None:
    return _moment(encounter, "end")


def _moment(encounter: Resource, element: str) -> datetime | None:
    period = encounter.get("period")
    found = period.get(element) if isinstance(period, dict) else None
    return moment(found) if isinstance(found, str) else None
