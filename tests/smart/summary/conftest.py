"""A made-up patient who gets worse: HL7 vitals and labs, a reading from home, a model and NEWS2."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from wherry.codec import decode, encode
from wherry.resource import Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.registry import registry
from wherry_smart.protocol.launches import Session
from wherry_smart.protocol.scopes import WANTED
from wherry_smart.summary.chart import Chart
from wherry_smart.summary.trend import SCORE

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOINC = "http://loinc.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

# LOINC code, name, category, UCUM unit, values from 6 h ago to now; invented
COURSES = (
    ("9279-1", "Respiratory rate", "vital-signs", "/min", "18 19 20 22 24 25 27"),
    ("59408-5", "Oxygen saturation", "vital-signs", "%", "96 95 95 94 92 91 90"),
    ("3151-8", "Inhaled oxygen flow rate", "vital-signs", "L/min", "0 0 0 2 2 4 6"),
    ("8480-6", "Systolic blood pressure", "vital-signs", "mm[Hg]", "128 124 118 112 105 99 94"),
    ("8867-4", "Heart rate", "vital-signs", "/min", "88 92 98 104 111 118 126"),
    ("8310-5", "Body temperature", "vital-signs", "Cel", "37.4 37.6 38.0 38.3 38.60 38.9 39.2"),
)
LABS = (
    ("2524-7", "Lactate", "mmol/L", ("1.9", "4.6"), ("0.5", "2.2")),
    ("2160-0", "Creatinine", "mg/dL", ("1.32", "2.48"), ("0.60", "1.20")),
)


def _observation(id_: str, code: str, name: str, category: str, **more: Any) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "meta": {"source": "urn:wherry:hl7:ICU%20MONITOR"},
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "code": {"coding": [{"system": LOINC, "code": code}], "text": name},
        "subject": {"reference": "Patient/p-1"},
        **more,
    }


def _quantity(value: str, unit: str) -> Resource:
    return {
        "value": Decimal(value),
        "unit": unit,
        "system": "http://unitsofmeasure.org",
        "code": unit,
    }


def _at(hours_ago: float) -> str:
    return (NOW - timedelta(hours=hours_ago, minutes=4)).isoformat()


def _observations() -> list[Resource]:
    made = [
        _observation(
            f"v-{code}-{hours}",
            code,
            name,
            category,
            effectiveDateTime=_at(hours),
            valueQuantity=_quantity(value, unit),
        )
        for code, name, category, unit, values in COURSES
        for hours, value in enumerate(reversed(values.split()))
    ]
    made += [
        _observation(
            f"l-{code}-{hours}",
            code,
            name,
            "laboratory",
            effectiveDateTime=_at(hours),
            valueQuantity=_quantity(value, unit),
            referenceRange=[{"low": _quantity(low, unit), "high": _quantity(high, unit)}],
            interpretation=[{"coding": [{"code": "H", "display": "High"}]}],
        )
        for code, name, unit, values, (low, high) in LABS
        for hours, value in ((5, values[0]), (1, values[1]))
    ]
    made.append(
        _observation(
            "c-1",
            "67775-7",
            "Level of consciousness",
            "vital-signs",
            effectiveDateTime=_at(0),
            valueCodeableConcept={
                "coding": [{"system": LOINC, "code": "LA9340-6"}],
                "text": "Alert",
            },
        )
    )
    home = _observation(
        "d-1",
        "8867-4",
        "Heart rate",
        "vital-signs",
        effectiveDateTime="2026-03-01T09:30:00+01:00",
        valueQuantity=_quantity("96", "/min"),
        device={"reference": "Device/dev-1"},
    )
    home["meta"] = {"source": "urn:wherry:devices:withings"}
    wrong = _observation("x-1", "8867-4", "Heart rate", "vital-signs", effectiveDateTime=_at(0.2))
    made += [
        home,
        {**wrong, "status": "entered-in-error", "valueQuantity": _quantity("12", "/min")},
    ]
    made.append(
        _observation(
            "u-1",
            "29463-7",
            "Body weight",
            "vital-signs",
            effectiveDateTime="2026-02-27",
            valueQuantity=_quantity("81.50", "kg"),
        )
    )
    return sorted(made, key=lambda each: str(each["effectiveDateTime"]), reverse=True)


def _provenance(number: int, hours: int) -> Resource:
    targets = [f"Observation/v-{code}-{hours}" for code, *_ in COURSES]
    return {
        "resourceType": "Provenance",
        "id": f"m-{number}",
        "target": [{"reference": reference} for reference in targets],
        "occurredDateTime": _at(hours),
        "recorded": _at(hours - 0.05),
        "agent": [{"who": {"display": "MONITOR, ICU"}}],
        "entity": [
            {
                "role": "source",
                "what": {"display": "ORU^R01", "identifier": {"value": f"MSG-{1000 + number}"}},
            }
        ],
    }


def _assessment(hours: int, score: int, tier: str) -> Resource:
    return {
        "resourceType": "RiskAssessment",
        "id": f"r-{hours}",
        "status": "final",
        "method": {"coding": [{"system": "urn:wherry:risk:model", "code": "news2"}]},
        "subject": {"reference": "Patient/p-1"},
        "occurrenceDateTime": _at(hours),
        "prediction": [
            {
                "extension": [
                    {"url": "urn:wherry:fhir:risk-score", "valueDecimal": Decimal(score)}
                ],
                "qualitativeRisk": {"text": tier},
            }
        ],
    }


@pytest.fixture
def patient() -> Resource:
    return {
        "resourceType": "Patient",
        "id": "p-1",
        "identifier": [
            {"type": {"coding": [{"code": "MR"}], "text": "MRN"}, "value": "SYN-000417"},
        ],
        "name": [{"use": "official", "family": "Testperson", "given": ["Ada", "B."]}],
        "birthDate": "1951-03-02",
        "gender": "female",
    }


@pytest.fixture
def chart(patient: Resource) -> Chart:
    """The record; every name and value is invented."""
    return Chart(
        patient=patient,
        observations=_observations(),
        assessments=[
            _assessment(hours, score, tier)
            for hours, score, tier in (
                (0, 14, "high"),
                (1, 12, "high"),
                (2, 10, "high"),
                (3, 8, "high"),
                (4, 4, "low"),
                (5, 3, "low"),
            )
        ],
        encounters=[
            {
                "resourceType": "Encounter",
                "status": "in-progress",
                "location": [{"location": {"display": "Ward 7, bed 12"}}],
            }
        ],
        provenances=[_provenance(number, hours) for number, hours in enumerate(range(7))],
        devices={
            "Device/dev-1": {
                "resourceType": "Device",
                "deviceName": [{"name": "ScanWatch", "type": "user-friendly-name"}],
            }
        },
    )


@pytest.fixture
def session() -> Session:
    return Session(
        base="https://ehr.example.org/fhir",
        access_token="made-up",
        scope=" ".join(WANTED),
        patient="p-1",
        encounter="",
        banner=True,
        person="Practitioner/u-1",
        browser="",
        started_at=NOW - timedelta(minutes=2),
        expires_at=NOW + timedelta(minutes=58),
    )


@pytest.fixture
def news2(chart: Chart) -> Mapping[str, Any]:
    """What the real risk service says of this record."""
    collected = CollectorRegistry()
    deps = Deps(
        models=registry(),
        fhir=FakeFhir(),
        changes=FakeChanges(),
        clock=_Standing(),
        ticks=lambda: 0.0,
        metrics=Metrics(collected),
        registry=collected,
        token=None,
        max_body_bytes=1_000_000,
    )
    asked = {
        "model": "news2",
        "patient": "p-1",
        "resources": [chart.patient, *chart.observations],
        "at": NOW.isoformat(),
    }
    answer = (
        create_app(deps)
        .test_client()
        .post("/v1/score", data=encode(asked), content_type="application/json")
    )
    assert answer.status_code == 200, answer.get_data(as_text=True)
    said: Mapping[str, Any] = decode(answer.get_data())
    return said


class _Standing:
    def now(self) -> datetime:
        return NOW


@pytest.fixture
def prediction() -> Mapping[str, Any]:
    """What a trained model says, in the words of openapi/risk.yaml; the numbers are invented."""

    def part(name: str, label: str, points: str, value: object, unit: str) -> dict[str, Any]:
        known = value is not None
        return {
            "name": name,
            "label": label,
            "points": Decimal(points),
            "value": value,
            "unit": unit,
            "observed_at": "2026-03-01T11:56:00+00:00" if known else None,
            "age_s": 240 if known else None,
        }

    return {
        "model": "icu-mortality-24h",
        "version": "0.1.0",
        "patient": "p-1",
        "at": NOW.isoformat(),
        "intended_use": "Supports health professionals in intensive care; it is not a diagnosis.",
        "status": "scored",
        "score": Decimal("0.347"),
        "probability": Decimal("0.347"),
        "tier": "high",
        "response": "A senior clinician of the treating team reviews the patient without delay",
        "partial": True,
        "at_most": None,
        "parts": [],
        "contributions": [
            part("creatinine", "Creatinine", "0.62", Decimal("2.48"), "mg/dL"),
            part("respiratory-rate", "Respiratory rate", "0.41", 27, "/min"),
            part("heart-rate", "Heart rate", "0.33", 126, "/min"),
            part("gcs", "Glasgow Coma Scale", "-0.28", 15, "{score}"),
            part("age", "Age", "0.21", 74, "a"),
            part("albumin", "Albumin", "-0.05", None, ""),
        ],
        "inputs": [
            {"name": "creatinine", "observation": "Observation/l-2160-0-1"},
            {"name": "respiratory-rate", "observation": "Observation/v-9279-1-0"},
            {"name": "heart-rate", "observation": "Observation/v-8867-4-0"},
        ],
        "missing": [
            {"name": "albumin", "label": "Albumin", "reason": "not_found"},
            {"name": "bilirubin", "label": "Total bilirubin", "reason": "stale", "age_s": 180_000},
        ],
        "flags": {},
    }


@pytest.fixture
def models() -> list[Mapping[str, Any]]:
    return [
        {
            "id": "icu-mortality-24h",
            "title": "ICU in-hospital mortality from the last 24 hours",
            "outcome": "Death before hospital discharge",
            "kind": "ai",
            "horizon_s": 2_592_000,
        },
        {
            "id": "news2",
            "title": "National Early Warning Score 2",
            "outcome": "Clinical deterioration: death, cardiac arrest or unplanned intensive care",
            "kind": "rule",
            "horizon_s": 86_400,
        },
    ]
