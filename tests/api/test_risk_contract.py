"""openapi/risk.yaml and the risk service say the same, whatever is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.api.refusals import REFUSED
from tests.risk.fake_records import FakeRecords, FakeScoreAudit

from wherry.adapters.clock import new_id
from wherry.resource import Resource
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.model.registry import registry
from wherry_risk.recording import kept_of

CONTRACT = Path(__file__).parents[2] / "openapi" / "risk.yaml"
TOKEN = "made-up-secret"
FIRST, SECOND = (f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2))


class Now:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _records() -> FakeRecords:
    """One score and one refusal of somebody invented."""
    born: Resource = {"resourceType": "Patient", "id": "p-1", "birthDate": "1951-02-03"}
    records, news2 = FakeRecords(), registry()["news2"]
    for id_, resources in ((FIRST, [born, *_VITALS]), (SECOND, [born])):
        judged = judge(news2, record(resources, patient_id="p-1"), at=Now().now())
        records.add([kept_of(judged, id_=id_, made_at=Now().now(), asked_by="request")])
    return records


_VITALS: list[Resource] = [
    {
        "resourceType": "Observation",
        "id": f"o-{code}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": "Patient/p-1"},
        "effectiveDateTime": "2026-03-01T11:55:00Z",
        "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": unit},
    }
    for code, value, unit in (
        ("9279-1", 16, "/min"),
        ("59408-5", 97, "%"),
        ("8480-6", 120, "mm[Hg]"),
        ("8867-4", 70, "/min"),
        ("8310-5", 37, "Cel"),
    )
]


def _deps() -> Deps:
    collected = CollectorRegistry()
    return Deps(
        models=registry(),
        fhir=FakeFhir(),
        changes=FakeChanges(),
        records=_records(),
        audit=FakeScoreAudit(),
        new_id=new_id,
        clock=Now(),
        ticks=lambda: 0.0,
        metrics=Metrics(collected),
        registry=collected,
        token=SecretStr(TOKEN),
        max_body_bytes=1_000_000,
    )


CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": REFUSED},
            # 404: no such patient or model. 422: a rule between resources, which JSON Schema cannot
            # say, such as "all about one patient"; a body that breaks the schema itself is a 400.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]},
        }
    }
)

schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)
schema.app = create_app(_deps())


@schema.parametrize()
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_keeps_its_contract(case: Any) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
