"""Our own CDS service as a target: real settings, tables, Redis and risk models, on loopback.

This module and scoring.py alone know the product; the checks are given an address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Select, select
from structlog.testing import capture_logs
from tests.conformance.cds.parties import NAMES, party, publish
from tests.conformance.cds.scoring import scoring
from tests.conformance.cds.seam import Seam
from tests.conformance.cds.serving import Wsgi, served
from tests.conformance.cds.stub import Stub
from tests.conformance.cds.target import Target

from wherry.adapters.sql import make_engine
from wherry.codec import encode
from wherry_cds.app import create_app
from wherry_cds.board.sql import SqlBoard
from wherry_cds.clients.gate import Registering
from wherry_cds.clients.replays_redis import RedisReplays, connect
from wherry_cds.deps import Deps
from wherry_cds.migrate import upgrade
from wherry_cds.settings import Settings
from wherry_cds.tables import cds_audit, cds_decision, cds_feedback
from wherry_cds.wiring import wire
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import load_all

PAGE = "https://ehr.suite.example"
MAX_BYTES = 400_000
DEADLINE_S = 3.0
NEEDS = ("patient", "observations")
POLICY = """
version: 1
tenants:
  suite-one: &suite
    services:
      order-risk: {enabled: true}
      deterioration: {suggestions: [clinical-review, repeat-lactate]}
  suite-two: *suite
"""


class Switched:
    """A port that another adapter stands in for while it is away."""

    def __init__(self, real: Any, away: Any) -> None:
        self._real, self._away, self._is_away = real, away, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._away if self._is_away else self._real, name)

    @contextmanager
    def off(self) -> Iterator[None]:
        """Away."""
        self._is_away = True
        try:
            yield
        finally:
            self._is_away = False


@contextmanager
def product(stub: Stub, folder: Path, redis_url: str) -> Iterator[Target]:
    """Two workers of our service, as they would be beside each other in one process each."""
    publish(stub)
    models = {**registry(), **load_all().models}
    with capture_logs() as logs, served(lambda _: scoring(models)) as risk:
        database = f"sqlite:///{folder}/cds.db"
        upgrade(database)
        clients = folder / "clients.json"
        clients.write_bytes(encode([_registration(name, stub) for name in NAMES]))
        policy = folder / "policy.yaml"
        policy.write_text(POLICY)
        held: list[Deps] = []

        def worker(base: str) -> Wsgi:
            public = base if not held else str(held[0].gate.bases[0])  # type: ignore[union-attr]
            settings = Settings(
                risk_url=risk,
                database_url=database,
                redis_url=redis_url,
                clients=str(clients),
                policy=str(policy),
                public_url=public,
                fhir_servers=(stub.fhir,),
                cors_origins=(PAGE,),
                max_body_bytes=MAX_BYTES,
                deadline_s=DEADLINE_S,
                fhir_deadline_s=DEADLINE_S / 2,
                smart_url="https://app.suite.example/launch",
                source_url="https://wherry.suite.example/models",
            )
            held.append(_switched(wire(settings)))
            return create_app(held[-1])

        with served(worker) as base, served(worker) as sibling:
            rows = Rows(database)
            seam = Seam(
                decisions=rows.decisions,
                feedback=rows.feedback,
                logs=lambda: repr(logs),
                faults={
                    "replay-store": _replays(held[0]).off,
                    "audit-store": held[0].board.off,  # type: ignore[attr-defined]
                    "model": lambda: _without(models),
                },
                sibling=sibling,
            )
            yield Target(
                base,
                stub,
                PAGE,
                "early-warning",
                needs=NEEDS,
                max_bytes=MAX_BYTES,
                deadline_s=DEADLINE_S + 1,
                seam=seam,
            )


def _switched(deps: Deps) -> Deps:
    """The same service, whose stores can be away."""
    gate = deps.gate
    if not isinstance(gate, Registering):
        raise TypeError("a service with clients was to be wired")
    nobody = RedisReplays(connect("redis://127.0.0.1:9/0"))
    replays = Switched(gate.verifier.replays, nobody)
    board = Switched(deps.board, SqlBoard(make_engine("sqlite:////nowhere/at/all.db")))
    verifier = replace(gate.verifier, replays=replays)
    return replace(deps, gate=replace(gate, verifier=verifier), board=board)


def _replays(deps: Deps) -> Any:
    return deps.gate.verifier.replays  # type: ignore[union-attr]


def _registration(name: str, stub: Stub) -> dict[str, Any]:
    one = party(name, stub)
    return {
        "id": name,
        "iss": one.issuer,
        "tenant": one.tenant,
        "profile": "sandbox",
        "claims": [one.tenant],
        "jku": [one.jku],
    }


@contextmanager
def _without(models: dict[str, Any]) -> Iterator[None]:
    """No model is there for a while."""
    kept = dict(models)
    models.clear()
    try:
        yield
    finally:
        models.update(kept)


@dataclass(frozen=True, slots=True)
class Rows:
    """What the service has in its tables, read beside it."""

    database: str

    def decisions(self, patient: str) -> list[dict[str, Any]]:
        """Decisions on this patient, and data of others in their requests."""
        made = select(cds_decision).where(cds_decision.c.patient_id == patient)
        noted = select(cds_audit).where(cds_audit.c.patient_id == patient)
        found = [
            (row.at_s, {"shown": bool(row.shown), "rule": row.rule}) for row in self._read(made)
        ]
        found += [(row.at_s, {"shown": False, "rule": row.event}) for row in self._read(noted)]
        return [each for _, each in sorted(found, key=lambda one: one[0])]

    def feedback(self, card: str) -> list[dict[str, Any]]:
        """Feedback on this card that is known as one of ours."""
        held = cds_feedback.c
        wanted = select(cds_feedback).where(held.card_id == card, held.orphan.is_(False))
        return [{"outcome": row.outcome} for row in self._read(wanted.order_by(held.outcome_s))]

    def _read(self, wanted: Select[Any]) -> list[Any]:
        engine = make_engine(self.database)
        try:
            with engine.connect() as connection:
                return list(connection.execute(wanted))
        finally:
            engine.dispose()
