"""openapi/hl7.yaml and the hl7 service say the same, whatever is sent."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from schemathesis.specs.openapi.checks import negative_data_rejection
from tests.api.refusals import REFUSED

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
TEXT_DOORS = {"/hl7v2", "/convert", "/validate"}


@schemathesis.serializer("application/hl7-v2", "x-application/hl7-v2+er7")
def er7(_: Any, value: Any) -> bytes:
    return str(value).encode("utf-8", "replace")


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


CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": [*REFUSED, "413"]},
            # 400: what JSON Schema cannot say, such as "either ids or a choice"; 404 and 409: no
            # such message, or one that cannot be marked.
            "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", "409"]},
        }
    }
)

schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)
schema.app = create_app(_deps())


@schema.parametrize()
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_keeps_its_contract(case: Any) -> None:
    # whatever is sent as the text of a message is a text: an AR, or a line that says what it is not
    unjudged = [negative_data_rejection] if case.path in TEXT_DOORS else []
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"}, excluded_checks=unjudged)
