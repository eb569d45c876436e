"""openapi/hl7.yaml and the hl7 service say the same, whatever is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.ports import Arrival
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry.testing.tally import FakeTally
from wherry_hl7.app import create_app
from wherry_hl7.deps import Deps
from wherry_hl7.triage import Policy

CONTRACT = Path(__file__).parents[2] / "openapi" / "hl7.yaml"
TOKEN = "made-up-secret"


class StandingClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC)


def _deps() -> Deps:
    inbox = FakeInbox()
    inbox.keep([Arrival("hl7", b"1"), Arrival("hl7", b"2", aside="not_hl7")])
    return Deps(
        inbox=inbox,
        desk=inbox,
        changes=FakeChanges(),
        tally=FakeTally(),
        queue=FakeQueue(),
        fhir=FakeFhir(),
        clock=StandingClock(),
        registry=CollectorRegistry(),
        policy=Policy(),
        token=SecretStr(TOKEN),
    )


schema = schemathesis.openapi.from_path(CONTRACT)
schema.app = create_app(_deps())


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_keeps_its_contract(case: Any) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
