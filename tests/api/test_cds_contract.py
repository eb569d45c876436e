"""openapi/cds.yaml and the CDS service say the same, whatever is sent."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from tests.api.refusals import REFUSED
from tests.cds.unkept import LoggedAudit, NoDeeds, Unkept

from wherry.adapters.clock import new_id
from wherry.adapters.sql import make_engine
from wherry.resource import Resource
from wherry_cds.app import create_app
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.sql import SqlBoard
from wherry_cds.deps import Deps, Links, Servers
from wherry_cds.metrics import Metrics
from wherry_cds.rules.score import Part, Scored
from wherry_cds.tables import metadata

CONTRACT = Path(__file__).parents[2] / "openapi" / "cds.yaml"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOKEN = "made-up-secret"


class Scorer:
    """Scores everybody 9."""

    def score(
        self,
        model: str,
        patient_id: str,
        resources: Sequence[Resource],
        *,
        at: datetime,
        timeout_s: float,
    ) -> Scored:
        part = Part("pulse", "Pulse", "131", "/min", 3, NOW, 0)
        return Scored(model, "1.0.0", 9, "high", False, (part,), (), "Supports judgement.")

    def ping(self) -> None:
        return


class Reader:
    """No FHIR server is on the list, so none is ever asked."""

    def get(self, address: str, *, token: str, timeout_s: float, at: str) -> Any:
        raise AssertionError("a server that is not listed was asked")


class Now:
    def now(self) -> datetime:
        return NOW


def _deps(**more: Any) -> Deps:
    registry = CollectorRegistry()
    return Deps(
        scorer=Scorer(),
        fhir=Reader(),
        clock=Now(),
        ticks=lambda: 0.0,
        new_id=new_id,
        servers=Servers(own="", own_token=None),
        links=Links(source="https://example.org/news2", chart="https://ehr.example.org/chart"),
        metrics=Metrics(registry),
        registry=registry,
        token=SecretStr(TOKEN),
        origins=frozenset(),
        deadline_s=2.5,
        max_body_bytes=1_000_000,
        **{"board": Unkept(), "audit": LoggedAudit(), "deeds": NoDeeds(), **more},
    )


def _kept() -> dict[str, Any]:
    """Tables in memory: one thread makes them and asks them."""
    engine = make_engine("sqlite://")
    metadata.create_all(engine)
    audit = SqlAudit(engine)
    return {"board": SqlBoard(engine), "audit": audit, "deeds": audit}


CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": [*REFUSED, "412"]},
            # a well-formed call without a prefetch key, and with no server to read, is a 412;
            # a card or a snooze that nobody knows is a 404
            "positive_data_acceptance": {"expected-statuses": ["2xx", "404", "412"]},
        }
    }
)

schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)
schema.app = create_app(_deps(**_kept()))


def _about_one_patient(body: Any) -> None:
    """Make prefetch speak of the patient in context: JSON Schema cannot tie the two."""
    if not (isinstance(body, dict) and isinstance(body.get("context"), dict)):
        return
    patient_id, prefetch = body["context"].get("patientId"), body.get("prefetch")
    lent = body.get("fhirAuthorization")
    if isinstance(lent, dict) and isinstance(lent.get("patient"), str):
        lent["patient"] = patient_id
    if not (isinstance(patient_id, str) and isinstance(prefetch, dict)):
        return
    patient = prefetch.get("patient")
    if isinstance(patient, dict) and isinstance(patient.get("id"), str):
        patient["id"] = patient_id
    for subject in _subjects(prefetch.get("observations")):
        if isinstance(subject, dict) and isinstance(subject.get("reference"), str):
            subject["reference"] = f"Patient/{patient_id}"


def _ahead(body: Any) -> None:
    """A time that reads well becomes one that lies ahead: JSON Schema knows no clock."""
    if isinstance(body, dict) and isinstance(body.get("until"), str):
        with suppress(ValueError):
            datetime.fromisoformat(body["until"])
            body["until"] = "2026-03-01T13:00:00Z"


def _subjects(bundle: Any) -> list[Any]:
    entries = bundle.get("entry") if isinstance(bundle, dict) else None
    return [
        entry["resource"].get("subject")
        for entry in (entries if isinstance(entries, list) else [])
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
    ]


@schema.parametrize()
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_service_keeps_its_contract(case: Any) -> None:
    _about_one_patient(case.body)
    _ahead(case.body)
    case.call_and_validate(headers={"Authorization": f"Bearer {TOKEN}"})
