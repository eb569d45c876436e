"""Readings of days become averages and summaries: derived numbers, and marked as such."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from wherry.fhir.identity import key
from wherry.fhir.systems import DEVICE_QUALITY, LOINC, OBSERVATION_CATEGORY, UCUM, ours
from wherry.resource import CodeableConcept, Reference, Resource
from wherry_devices.mapping.days import by_day
from wherry_devices.mapping.identity import identifier_of
from wherry_devices.mapping.reading import Reading
from wherry_devices.mapping.vitals import VITALS

_AVERAGE = "http://hl7.org/fhir/uv/cardx-htn-mng/StructureDefinition/average-smbp"
_SUMMARY = "http://hl7.org/fhir/uv/cgm/StructureDefinition/cgm-summary"
_LEAST_DAYS = 14
"""Fewer days of wear say little about a person. Source: Battelino 2019, time in range consensus."""
_FROM_MMOL = Decimal("18.0156")
_RANGE = (Decimal(70), Decimal(180))


def daily_pressures(
    readings: Iterable[Reading], subject: Reference, zone: ZoneInfo
) -> list[Resource]:
    """The mean blood pressure of each day on which there were at least two whole readings.

    Source: CardX hypertension 1.0, average-smbp. The days are those of the person's zone.
    """
    out = []
    for day, found in by_day(readings, zone).items():
        parts = {kind: _of(found, kind) for kind in ("bp_systolic", "bp_diastolic")}
        instants = set.intersection(*({one.instant for one in some} for some in parts.values()))
        if len(instants) < 2:
            continue
        whole = {
            kind: [one for one in some if one.instant in instants] for kind, some in parts.items()
        }
        out.append(_pressure(day, whole, subject, zone))
    return out


def glucose_summary(
    readings: Iterable[Reading], subject: Reference, zone: ZoneInfo
) -> Resource | None:
    """Mean, variation, time in range and glucose management indicator of a sensor's readings.

    None when the days of wear are fewer than 14. Values off the sensor's scale are in no mean, but
    make the time in range what it is. Source: CGM guide 1.0; GMI after Bergenstal 2018.
    """
    wanted = [one for one in readings if VITALS[one.kind].family == "cgm" and not one.demo]
    values = {(one.owner, one.instant): one for one in wanted if one.value is not None}
    found = sorted(values.values(), key=lambda one: one.instant)
    days = by_day(found, zone)
    if len(days) < _LEAST_DAYS:
        return None
    inside = [_mass(one) for one in found if not one.comparator]
    mean = sum(inside, Decimal(0)) / len(inside)
    spread = (sum(((one - mean) ** 2 for one in inside), Decimal(0)) / (len(inside) - 1)).sqrt()
    share = sum(1 for one in inside if _RANGE[0] <= one <= _RANGE[1]) * Decimal(100) / len(found)
    gmi = Decimal("3.31") + Decimal("0.02392") * mean
    first, last = found[0].instant, found[-1].instant
    return {
        **_derived("cgm-summary", f"{first.date()}/{last.date()}", found, subject),
        "meta": _meta(_SUMMARY),
        "category": [_category("laboratory")],
        "code": _code("107931-8", "Continuous glucose monitoring summary"),
        "effectivePeriod": {"start": first.isoformat(), "end": last.isoformat()},
        "component": [
            _part("97507-8", "Mean glucose", _to(mean, "0.1"), "mg/dL"),
            _part("97506-0", "Glucose management indicator", _to(gmi, "0.1"), "%"),
            _part("97510-2", "Time in range", _to(share, "0.1"), "%"),
            _part("104638-2", "Coefficient of variation", _to(spread * 100 / mean, "0.1"), "%"),
            _part("104636-6", "Days of wear", Decimal(len(days)), "d"),
        ],
    }


def _pressure(
    day: date, whole: dict[str, list[Reading]], subject: Reference, zone: ZoneInfo
) -> Resource:
    found = [one for some in whole.values() for one in some]
    instants = sorted({one.instant for one in found})
    names = {"bp_systolic": ("96608-5", "Systolic"), "bp_diastolic": ("96609-3", "Diastolic")}
    return {
        **_derived("average-smbp", day.isoformat(), found, subject),
        "meta": _meta(_AVERAGE),
        "category": [_category("vital-signs")],
        "code": _code("96607-7", "Blood pressure panel mean"),
        "effectivePeriod": {
            "start": instants[0].astimezone(zone).isoformat(),
            "end": instants[-1].astimezone(zone).isoformat(),
        },
        "component": [
            _part(code, f"{name} blood pressure mean", _mean(whole[kind]), "mm[Hg]")
            for kind, (code, name) in names.items()
        ],
        "note": [{"text": f"Mean of {len(instants)} measurements of the day."}],
    }


def _derived(what: str, name: str, found: Sequence[Reading], subject: Reference) -> Resource:
    """What all derived Observations have in common: the same days give the same identifier."""
    value = key(str(subject.get("reference", "")), what, name)
    names = dict.fromkeys(identifier_of(one)["value"] for one in found)
    newest = max(one.version or one.instant for one in found)
    out: Resource = {
        "resourceType": "Observation",
        "identifier": [{"system": ours("devices", "derived"), "value": value}],
        "status": "final",
        "subject": subject,
        "performer": [subject],
        "issued": _aware(newest).isoformat(),
    }
    if what == "average-smbp":  # a summary of weeks would name thousands
        system = identifier_of(found[0])["system"]
        out["derivedFrom"] = [
            {"type": "Observation", "identifier": {"system": system, "value": one}} for one in names
        ]
    return out


def _aware(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _meta(profile: str) -> Resource:
    return {
        "source": ours("devices", "derived"),
        "profile": [profile],
        "tag": [{"system": DEVICE_QUALITY, "code": "derived"}],
    }


def _category(code: str) -> CodeableConcept:
    return {"coding": [{"system": OBSERVATION_CATEGORY, "code": code}]}


def _code(code: str, display: str) -> CodeableConcept:
    return {"coding": [{"system": LOINC, "code": code}], "text": display}


def _part(code: str, display: str, value: Decimal, unit: str) -> Resource:
    quantity = {"value": value, "unit": unit, "system": UCUM, "code": unit}
    return {"code": _code(code, display), "valueQuantity": quantity}


def _of(found: Iterable[Reading], kind: str) -> list[Reading]:
    return list({one.instant: one for one in found if one.kind == kind}.values())


def _mean(found: Sequence[Reading]) -> Decimal:
    values = [one.value for one in found if one.value is not None]
    return _to(sum(values, Decimal(0)) / len(values), "0.1")


def _mass(reading: Reading) -> Decimal:
    value = reading.value or Decimal(0)
    return value * _FROM_MMOL if reading.ucum == "mmol/L" else value


def _to(value: Decimal, step: str) -> Decimal:
    return value.quantize(Decimal(step), rounding=ROUND_HALF_EVEN)
