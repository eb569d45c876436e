"""A made-up patient who gets worse: HL7 vitals and labs, a watch at home, a model and NEWS2."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from tests.risk.fake_records import FakeRecords, FakeScoreAudit

from wherry.adapters.clock import new_id
from wherry.codec import decode, encode
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.registry import registry
from wherry_smart.protocol.launches import Session
from wherry_smart.protocol.scopes import WANTED
from wherry_smart.summary.chart import Chart

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

# All names and values in it are invented
RECORD = Path(__file__).with_name("record.json")


class FeedStatus:
    """A clock that stands."""

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def record() -> Any:
    return decode(RECORD.read_bytes())


@pytest.fixture
def chart(record: Any) -> Chart:
    parts = ("patient", "observations", "assessments", "encounters", "provenances", "devices")
    return Chart(**{part: record[part] for part in parts})


@pytest.fixture
def prediction(record: Any) -> Mapping[str, Any]:
    """What a trained model says, in the words of openapi/risk.yaml."""
    said: Mapping[str, Any] = record["prediction"]
    return said


@pytest.fixture
def models(record: Any) -> list[Mapping[str, Any]]:
    listed: list[Mapping[str, Any]] = record["models"]
    return listed


@pytest.fixture
def session() -> Session:
    return Session(
        base="https://ehr.example.org/fhir",
        tokens="made-up",
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
        records=FakeRecords(),
        audit=FakeScoreAudit(),
        new_id=new_id,
        clock=FeedStatus(),
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
