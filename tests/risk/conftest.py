"""Made-up vital signs of a made-up patient, and a risk service around fakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from tests.risk.fake_records import FakeRecords, FakeScoreAudit

from wherry.codec import decode, encode
from wherry.resource import Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.facts import Facts, facts
from wherry_risk.model.interface import Refusal, Registry, Score
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import load_all

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PATIENT = "p-1"
MODELS: Registry = {**registry(), **load_all().models}

# name: LOINC, UCUM, a value that scores nothing
NORMAL = {
    "respiration-rate": ("9279-1", "/min", "16"),
    "spo2": ("59408-5", "%", "97"),
    "systolic-bp": ("8480-6", "mm[Hg]", "120"),
    "pulse": ("8867-4", "/min", "70"),
    "temperature": ("8310-5", "Cel", "36.8"),
}


# LOINC: UCUM, a made-up value of a moderately ill adult
ICU = {
    "8867-4": ("/min", "104"),
    "8478-0": ("mm[Hg]", "68"),
    "9279-1": ("/min", "24"),
    "8310-5": ("Cel", "38.1"),
    "59408-5": ("%", "94"),
    "8480-6": ("mm[Hg]", "98"),
    "4544-3": ("%", "31"),
    "6690-2": ("10*3/uL", "14.2"),
    "2160-0": ("mg/dL", "1.9"),
    "2951-2": ("mmol/L", "137"),
    "2345-7": ("mg/dL", "162"),
    "2744-1": ("[pH]", "7.31"),
    "2019-8": ("mm[Hg]", "36"),
    "2703-7": ("mm[Hg]", "71"),
    "3094-0": ("mg/dL", "38"),
    "3150-6": ("%", "50"),
    "9269-2": ("{score}", "13"),
}


@dataclass(frozen=True)
class Make:
    """Builds FHIR R4 resources; every patient and value is invented."""

    at: datetime = AT
    patient_id: str = PATIENT

    def patient(self, born: str | None = "1951-02-03", **more: Any) -> Resource:
        made = {"resourceType": "Patient", "id": self.patient_id, "birthDate": born, **more}
        return {name: value for name, value in made.items() if value is not None}

    def observation(self, code: str, *, age_min: float = 10, **more: Any) -> Resource:
        system = (
            "http://snomed.info/sct" if len(code) > 8 and "-" not in code else "http://loinc.org"
        )
        return {
            "resourceType": "Observation",
            "id": f"o-{code}-{age_min:g}",
            "status": "final",
            "code": {"coding": [{"system": system, "code": code}]},
            "subject": {"reference": f"Patient/{self.patient_id}"},
            "effectiveDateTime": (self.at - timedelta(minutes=age_min)).isoformat(),
            **more,
        }

    def vital(self, name: str, value: str | None = None, **more: Any) -> Resource:
        code, unit, normal = NORMAL[name]
        quantity = {
            "value": Decimal(value or normal),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
        return self.observation(code, **{"valueQuantity": quantity, **more})

    def air(self, **more: Any) -> Resource:
        quantity = {"value": 0, "system": "http://unitsofmeasure.org", "code": "L/min"}
        return self.observation("3151-8", **{"valueQuantity": quantity, **more})

    def oxygen(self, flow: int = 2, **more: Any) -> Resource:
        quantity = {"value": flow, "system": "http://unitsofmeasure.org", "code": "L/min"}
        return self.observation("3151-8", valueQuantity=quantity, **more)

    def alert(self, answer: str = "LA9340-6", **more: Any) -> Resource:
        coding = [{"system": "http://loinc.org", "code": answer}]
        return self.observation("67775-7", **{"valueCodeableConcept": {"coding": coding}, **more})

    def flag(self, on: bool = True, **more: Any) -> Resource:
        made = self.observation("spo2-scale-2", valueBoolean=on, **more)
        made["code"]["coding"][0]["system"] = "urn:wherry:risk:flag"
        return made

    def measured(
        self, code: str, value: str, unit: str, *, age_min: float = 10, **more: Any
    ) -> Resource:
        quantity = {
            "value": Decimal(value),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
        return self.observation(code, age_min=age_min, valueQuantity=quantity, **more)

    def icu(
        self, *, without: Sequence[str] = (), values: Mapping[str, str] | None = None
    ) -> list[Resource]:
        """An adult in intensive care with 16 of the 20 inputs known; `values` by LOINC code."""
        given = values or {}
        return [
            self.patient(),
            *(
                self.measured(code, given.get(code, value), unit)
                for code, (unit, value) in ICU.items()
                if code not in without
            ),
        ]

    def normal(self, **values: str) -> list[Resource]:
        """A whole set that scores 0, with the given vital signs in place of normal ones."""
        given = {name.replace("_", "-"): value for name, value in values.items()}
        return [
            self.patient(),
            *(self.vital(name, given.get(name)) for name in NORMAL),
            self.air(),
            self.alert(),
        ]


@pytest.fixture
def make() -> Make:
    return Make()


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def known() -> Callable[..., Facts]:
    """Facts for NEWS2 out of resources."""

    def gathered(*resources: Resource, **told: str) -> Facts:
        spec = MODELS["news2"].spec
        given = {name.replace("_", "-"): value for name, value in told.items()}
        return facts(spec, record(resources), at=AT, told=given)

    return gathered


@pytest.fixture
def news2(known: Callable[..., Facts]) -> Callable[..., Score | Refusal]:
    """The verdict of NEWS2 on resources."""

    def judged(*resources: Resource, **told: str) -> Score | Refusal:
        return MODELS["news2"].score(known(*resources, **told), at=AT)

    return judged


@pytest.fixture
def models() -> Registry:
    return MODELS


class StillClock:
    """The port `Clock`, standing at AT."""

    def now(self) -> datetime:
        return AT


@dataclass
class World:
    """A risk service around fakes."""

    client: FlaskClient
    fhir: FakeFhir
    changes: FakeChanges
    deps: Deps
    records: FakeRecords
    audit: FakeScoreAudit

    def post(self, body: Any, **headers: str) -> Any:
        return self.client.post(
            "/v1/score",
            data=body if isinstance(body, bytes) else encode(body),
            headers={"Content-Type": "application/json", **headers},
        )

    def score(self, *resources: Resource, **more: Any) -> dict[str, Any]:
        answer = self.post({"resources": resources, "at": AT.isoformat(), **more})
        assert answer.status_code == 200, answer.data
        told = decode(answer.data)
        assert isinstance(told, dict)
        return told


@pytest.fixture
def build() -> Callable[..., World]:
    def made(*seed: Resource, **changes: Any) -> World:
        collected = CollectorRegistry()
        fhir, marks = FakeFhir(*seed), FakeChanges()
        records, audit, numbers = FakeRecords(), FakeScoreAudit(), count(1)
        needs = Deps(
            models=MODELS,
            fhir=fhir,
            changes=marks,
            records=records,
            audit=audit,
            clock=StillClock(),
            new_id=lambda: f"00000000-0000-4000-8000-{next(numbers):012}",
            ticks=lambda: 0.0,
            metrics=Metrics(collected),
            registry=collected,
        )
        needs = replace(needs, **changes)
        return World(create_app(needs).test_client(), fhir, marks, needs, records, audit)

    return made


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    return build()
