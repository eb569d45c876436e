"""Our own CDS service as a target: real settings, tables, Redis and risk models, on loopback.

This module and scoring.py alone know the product; the checks are given an address.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from structlog.testing import capture_logs
from tests.conformance.cds.parties import NAMES, party, publish
from tests.conformance.cds.scoring import scoring
from tests.conformance.cds.seam import Seam
from tests.conformance.cds.serving import Wsgi, served
from tests.conformance.cds.stub import Stub
from tests.conformance.cds.target import Target

from wherry.codec import encode
from wherry_cds.app import create_app
from wherry_cds.clients.gate import Registering
from wherry_cds.clients.replays_redis import RedisReplays, connect
from wherry_cds.deps import Deps
from wherry_cds.migrate import upgrade
from wherry_cds.settings import Settings
from wherry_cds.wiring import wire
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import load_all

PAGE = "https://ehr.suite.example"
MAX_BYTES = 400_000
DEADLINE_S = 1.5
NOBODY = "redis://127.0.0.1:9/0"
NEEDS = ("patient", "observations")


@dataclass
class Switched:
    """A replay store that can be away for a while."""

    real: Any
    away: bool = False

    def first(self, iss: str, jti: str, *, life_s: int) -> bool:
        """As the real one does it, or as one that nobody answers for."""
        store = RedisReplays(connect(NOBODY)) if self.away else self.real
        return bool(store.first(iss, jti, life_s=life_s))

    def ping(self) -> None:
        """As above."""
        (RedisReplays(connect(NOBODY)) if self.away else self.real).ping()

    @contextmanager
    def off(self) -> Iterator[None]:
        """Away."""
        self.away = True
        try:
            yield
        finally:
            self.away = False


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
        switches: list[Switched] = []
        held: list[Deps] = []

        def worker(base: str) -> Wsgi:
            public = base if not held else str(held[0].gate.bases[0])  # type: ignore[union-attr]
            settings = Settings(
                risk_url=risk,
                database_url=database,
                redis_url=redis_url,
                clients=str(clients),
                public_url=public,
                fhir_servers=(stub.fhir,),
                cors_origins=(PAGE,),
                max_body_bytes=MAX_BYTES,
                deadline_s=DEADLINE_S,
                fhir_deadline_s=DEADLINE_S / 2,
                smart_url="https://app.suite.example/launch",
                source_url="https://wherry.suite.example/models",
            )
            deps, switch = _switched(wire(settings))
            held.append(deps)
            switches.append(switch)
            return create_app(deps)

        with served(worker) as base, served(worker) as sibling:
            seam = Seam(
                logs=lambda: repr(logs),
                faults={"replay-store": switches[0].off, "model": lambda: _without(models)},
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


def _switched(deps: Deps) -> tuple[Deps, Switched]:
    gate = deps.gate
    if not isinstance(gate, Registering):
        raise TypeError("a service with clients was to be wired")
    switch = Switched(gate.verifier.replays)
    return replace(
        deps, gate=replace(gate, verifier=replace(gate.verifier, replays=switch))
    ), switch


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
