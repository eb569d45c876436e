"""A CDS service around fakes, and requests about a made-up patient."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry
from tests.cds.unkept import LoggedAudit, NoDeeds, Unkept

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_cds.app import create_app
from wherry_cds.deps import Deps, Links, Servers
from wherry_cds.metrics import Metrics
from wherry_cds.rules.score import AnyAnswer, Factor, Missing, Part, Predicted, Scored

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EHR = "https://ehr.example.org/fhir"
PATIENT = "p-1"


class FakeScorer:
    """Gives its answer, or raises it, and remembers what it was asked."""

    def __init__(self, answer: AnyAnswer | Failure) -> None:
        self.answer = answer
        self.asked: list[list[Resource]] = []
        self.models: list[str] = []
        self.timeouts: list[float] = []

    def score(
        self,
        model: str,
        patient_id: str,
        resources: Sequence[Resource],
        *,
        at: datetime,
        timeout_s: float,
    ) -> AnyAnswer:
        self.models.append(model)
        self.asked.append(list(resources))
        self.timeouts.append(timeout_s)
        if isinstance(self.answer, Failure):
            raise self.answer
        return self.answer

    def ping(self) -> None:
        if isinstance(self.answer, Failure):
            raise self.answer


class FakeReader:
    """FHIR servers in memory: address to answer; unknown addresses are refused."""

    def __init__(self) -> None:
        self.pages: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []

    def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
        self.asked.append((address, token))
        answer = self.pages.get(address, Failure(Kind.UNMET, "the FHIR server answered 404", at=at))
        if isinstance(answer, Failure):
            raise answer
        return deepcopy(answer)


class FixedClock:
    def now(self) -> datetime:
        return NOW


@dataclass
class World:
    """One CDS service and everything around it."""

    client: FlaskClient
    scorer: FakeScorer
    reader: FakeReader
    deps: Deps
    ticks: list[float] = field(default_factory=list)

    def call(self, body: Any, *, service: str = "early-warning", **headers: str) -> Any:
        return self.client.post(
            f"/cds-services/{service}",
            data=body if isinstance(body, bytes) else encode(body),
            headers={"Content-Type": "application/json", **headers},
        )


@pytest.fixture
def now() -> datetime:
    """The moment at which everything here is judged."""
    return NOW


@pytest.fixture
def scored() -> Scored:
    """A high score with two measurements; synthetic."""
    return Scored(
        model="news2",
        version="1.0.0",
        score=9,
        tier="high",
        partial=False,
        parts=(
            Part(
                name="respiration-rate",
                label="Respiration rate",
                value="26",
                unit="/min",
                points=3,
                observed_at=datetime(2026, 3, 1, 11, 48, tzinfo=UTC),
                age_s=720,
            ),
            Part(
                name="temperature",
                label="Temperature",
                value="38.60",
                unit="Cel",
                points=1,
                observed_at=datetime(2026, 3, 1, 9, 0, tzinfo=UTC),
                age_s=10_800,
            ),
        ),
        missing=(),
        intended_use="Supports the judgement of health professionals.",
        response="Emergency assessment by a critical care team",
    )


@pytest.fixture
def predicted(scored: Scored) -> Predicted:
    """A made-up medium probability with four factors, one of which is not known."""
    seen = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    return Predicted(
        model="icu-mortality-24h",
        version="0.1.0",
        probability=Decimal("0.274"),
        tier="medium",
        factors=(
            Factor("Urea nitrogen", "38", "mg/dL", Decimal("0.600"), seen, 14_400),
            Factor("Albumin", "", "", Decimal("0.500"), None, None),
            Factor("White cell count", "14.2", "10*3/uL", Decimal("-0.200"), seen, 14_400),
            Factor("Age", "75", "a", Decimal("0.100"), None, None),
            Factor("Sodium", "137", "mmol/L", Decimal("0.010"), seen, 14_400),
        ),
        missing=(Missing("albumin", "Albumin", "not_found"),),
        intended_use="Supports health professionals in intensive care.",
        response="A clinician of the treating team reviews the patient",
        beside=scored,
    )


@pytest.fixture
def with_gap(scored: Scored) -> Scored:
    """The same score with the temperature too old."""
    return replace(
        scored,
        partial=True,
        at_most=12,
        missing=(Missing("temperature", "Temperature", "stale", 93_600),),
    )


@pytest.fixture
def build(scored: Scored) -> Callable[..., World]:
    """Make a World; keywords replace fields of its Deps."""

    def made(answer: AnyAnswer | Failure | None = None, **changes: Any) -> World:
        scorer, reader, registry = FakeScorer(answer or scored), FakeReader(), CollectorRegistry()
        times: list[float] = []
        deps = Deps(
            scorer=scorer,
            fhir=reader,
            clock=FixedClock(),
            ticks=lambda: times.pop(0) if times else 100.0,
            new_id=lambda: "7c1f6f0e-8f5c-4f0c-9c59-0d3a52f6f1ce",
            servers=Servers(own="http://127.0.0.1:8100/fhir", own_token=None, others=(EHR,)),
            links=Links(),
            metrics=Metrics(registry),
            registry=registry,
            token=None,
            origins=frozenset({"https://sandbox.example.org"}),
            deadline_s=2.5,
            max_body_bytes=1_000_000,
            audit=LoggedAudit(),
            board=Unkept(),
            deeds=NoDeeds(),
        )
        deps = replace(deps, **changes)
        return World(create_app(deps).test_client(), scorer, reader, deps, times)

    return made


@pytest.fixture
def world(build: Callable[..., World]) -> World:
    """A service that answers with the high score."""
    return build()


@pytest.fixture
def patient() -> Resource:
    return {"resourceType": "Patient", "id": PATIENT, "birthDate": "1951-02-03"}


@pytest.fixture
def pulse() -> Resource:
    return {
        "resourceType": "Observation",
        "id": "o-1",
        "status": "final",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "valueQuantity": {"value": Decimal("98.60"), "unit": "/min"},
    }


@pytest.fixture
def bundle(pulse: Resource) -> Resource:
    return {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": pulse}]}


@pytest.fixture
def request_body(patient: Resource, bundle: Resource) -> dict[str, Any]:
    """A whole patient-view request with both prefetch keys."""
    return {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/u-1", "patientId": PATIENT, "encounterId": "e-1"},
        "prefetch": {"patient": patient, "observations": bundle},
    }
