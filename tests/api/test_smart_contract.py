"""openapi/smart.yaml and the launch host say the same, whatever is sent."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fakeredis
import schemathesis
from hypothesis import HealthCheck, settings
from prometheus_client import CollectorRegistry

from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry_smart.app import create_app
from wherry_smart.deps import Client, Deps
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.addresses import allow_list
from wherry_smart.protocol.client import new_key
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.launches import Pending, Session, digest, pack
from wherry_smart.vault_redis import RedisVault

CONTRACT = Path(__file__).parents[2] / "openapi" / "smart.yaml"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUER = "https://ehr.example.org/fhir"
KEY = new_key()


class Now:
    def now(self) -> datetime:
        return NOW


class Authorization:
    """An EHR that can be found and then grants nothing."""

    def discover(self, base: str) -> Endpoints:
        return Endpoints(f"{base}/authorize", f"{base}/token", f"{base}/jwks", base)

    def exchange(self, pending: Pending, code: str) -> Mapping[str, Any]:
        raise Failure(Kind.FORBIDDEN, "the EHR did not accept the app's request", at="token")

    def keys(self, pending: Pending) -> Sequence[Mapping[str, Any]]:
        return []


class Scorer:
    """Scores everybody 7."""

    def models(self) -> Sequence[Mapping[str, Any]]:
        return [{"id": "news2", "title": "National Early Warning Score 2", "horizon_s": 86400}]

    def score(
        self, model: str, patient_id: str, resources: Sequence[Resource], *, at: datetime
    ) -> Mapping[str, Any]:
        return {"model": model, "status": "scored", "score": 7, "tier": "high"}

    def ping(self) -> None:
        return


@contextmanager
def _fhir(session: Session) -> Iterator[Fhir]:
    about = {"subject": {"reference": "Patient/p-1"}, "status": "final"}
    value = {"value": 70, "unit": "/min"}
    yield FakeFhir(
        {"resourceType": "Patient", "id": "p-1"},
        {
            **about,
            "resourceType": "Observation",
            "id": "o-1",
            "code": {"text": "Pulse"},
            "effectiveDateTime": "2026-03-01T11:00:00Z",
            "valueQuantity": value,
        },
    )


def _deps() -> Deps:
    registry, vault = CollectorRegistry(), RedisVault(fakeredis.FakeRedis(), lambda: b"0" * 32)
    for launch_id in ("0", "a"):
        vault.put("session", launch_id, pack(_session()), life_s=3600)
    return Deps(
        allow=allow_list([ISSUER], []),
        authorization=Authorization(),
        vault=vault,
        fhir=_fhir,
        scorer=Scorer(),
        clock=Now(),
        secret=lambda size: "s" * size,
        client=Client("wherry-smart", "launch openid", "http://127.0.0.1:8105"),
        key=lambda: KEY,
        page=Path(__file__).parent,  # nothing is built here
        frame_ancestors=(),
        session_s=3600,
        metrics=Metrics(registry),
        registry=registry,
    )


def _session() -> Session:
    return Session(
        base=ISSUER,
        access_token="made-up",
        scope="patient/*.rs",
        patient="p-1",
        encounter="",
        banner=True,
        person="Practitioner/u-1",
        browser=digest("made-up-cookie"),
        started_at=NOW,
        expires_at=datetime(2026, 3, 1, 13, 0, tzinfo=UTC),
    )


CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            # A launch is one of an EHR that is listed, a session one that a browser began: what
            # is well formed is refused all the same, as a stranger's.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", "400", "401", "403", "404", "503"]
            },
        }
    }
)

schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)
schema.app = create_app(_deps())


@schema.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_host_keeps_its_contract(case: Any) -> None:
    case.call_and_validate()


def test_a_summary_keeps_its_contract() -> None:
    browser = schema.app.test_client()
    browser.set_cookie("wherry_session", "made-up-cookie", path="/app/a")

    answer = browser.get("/app/a/api/summary")

    assert answer.status_code == 200
    schema["/app/{launch_id}/api/summary"]["GET"].validate_response(answer)
