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
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.registry import registry

CONTRACT = Path(__file__).parents[2] / "openapi" / "risk.yaml"
TOKEN = "made-up-secret"


class Now:
    def now(self) -> datetime:
        return datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def _deps() -> Deps:
    collected = CollectorRegistry()
    return Deps(
        models=registry(),
        fhir=FakeFhir(),
        changes=FakeChanges(),
        records=FakeRecords(),
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
