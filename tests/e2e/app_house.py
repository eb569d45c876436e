"""An EHR, the CDS, risk and launch services on loopback, and patients who are ill; no processes."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import msgspec
from flask import Flask
from prometheus_client import CollectorRegistry
from sqlalchemy import create_engine, select
from tests.conformance.cds.people import matches, resource, somebody, visit_of
from tests.conformance.cds.scoring import scoring
from tests.conformance.cds.serving import Wsgi, served
from tests.e2e.tls import certificate, served_by_tls

from wherry.adapters.clock import SystemClock, new_id
from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.check import problems
from wherry_cds.app import create_app as create_cds
from wherry_cds.migrate import upgrade as upgrade_cds
from wherry_cds.settings import Settings as CdsSettings
from wherry_cds.tables import cds_decision
from wherry_cds.wiring import wire as wire_cds
from wherry_ehr.app import create_app as create_ehr
from wherry_ehr.auth.clients import Client, own_client
from wherry_ehr.auth.keys import HttpKeys
from wherry_ehr.chart.cds_http import HttpHooks
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade as upgrade_ehr
from wherry_ehr.store.sql_store import open_store
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import load_all
from wherry_smart.app import create_app as create_smart
from wherry_smart.deps import Vault
from wherry_smart.migrate import upgrade as upgrade_smart
from wherry_smart.settings import Settings
from wherry_smart.wiring import wire

NOWHERE = "redis://127.0.0.1:1/0"
APP, FAR = "wherry-smart", "wherry-far"
PLAIN, LOST = "wherry-plain", "wherry-lost"
"""By https on another site; by http on another site; without its Redis."""


@dataclass
class Clock:
    """The time of the launch hosts, which tests move forward."""

    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead

    def pass_(self, **time: float) -> None:
        """Let time pass."""
        self.ahead += timedelta(**time)

    def reset(self) -> None:
        """Back to the present."""
        self.ahead = timedelta()


@dataclass
class Breakable:
    """Redis as the launch hosts see it, which tests take away."""

    vault: Vault
    gone: list[bool]

    def __getattr__(self, name: str) -> Any:
        if self.gone:
            raise Failure(Kind.UNAVAILABLE, "sessions cannot be kept right now", at="redis")
        return getattr(self.vault, name)


@dataclass(frozen=True, slots=True)
class House:
    """Addresses, and what tests look into; `far` is the app on a site that is not the EHR's."""

    ehr: str
    app: str
    far: str
    plain: str
    lost: str
    patients: tuple[str, str]
    clock: Clock
    cds_database: str
    asked: list[str]
    """Paths that the EHR was asked, by whomever."""
    gone: list[bool]
    """Not empty: Redis is away for the launch hosts."""

    @property
    def chart(self) -> str:
        return f"{self.ehr}/chart"

    @property
    def fhir(self) -> str:
        return f"{self.ehr}/fhir"

    def decisions(self, patient: str) -> list[tuple[bool, str]]:
        """What the CDS audit says of this patient's risk cards, oldest first."""
        row = cds_decision.c
        wanted = (
            select(row.shown, row.rule)
            .where(row.patient_id == patient, row.service == "deterioration")
            .order_by(row.id)
        )
        engine = create_engine(self.cds_database)
        try:
            with engine.connect() as connection:
                return [(bool(one.shown), str(one.rule)) for one in connection.execute(wanted)]
        finally:
            engine.dispose()


@contextmanager
def house(folder: Path, redis_url: str) -> Iterator[House]:
    """Everything, until the end of the block. The EHR is `localhost`, the app that is far an IP."""
    clock, asked, gone = Clock(), list[str](), list[bool]()
    patients = (somebody(), somebody())
    database = f"sqlite:///{folder}/cds.db"
    upgrade_cds(database)
    with ExitStack() as stack:
        models = {**registry(), **load_all().models}
        risk = stack.enter_context(served(lambda _: scoring(models)))
        inside: list[Wsgi] = []

        near = stack.enter_context(served(lambda _: later(inside, asked)))
        ehr = near.replace("127.0.0.1", "localhost")

        def cds(url: str) -> Wsgi:
            registration = {
                "id": "sandbox",
                "profile": "sandbox",
                "iss": f"{ehr}/fhir",
                "jku": [f"{ehr}/cds-client/jwks.json"],
                "fhir_servers": [f"{ehr}/fhir"],
            }
            clients = folder / "clients.json"
            clients.write_bytes(encode([registration]))
            return create_cds(
                wire_cds(
                    CdsSettings(
                        risk_url=risk,
                        database_url=database,
                        redis_url=redis_url,
                        clients=str(clients),
                        public_url=url,
                        smart_url=f"{app}/launch",
                    )
                )
            )

        hosts = Hosts(folder, ehr, risk, clock, gone)
        held: list[Wsgi] = []
        app = stack.enter_context(served(lambda _: later(held)))
        app = app.replace("127.0.0.1", "localhost")
        advice = stack.enter_context(served(cds))
        held.append(hosts.made(app, APP, redis_url, advice))
        lost = stack.enter_context(served(lambda url: hosts.made(url, LOST, NOWHERE, advice)))
        plain = stack.enter_context(served(lambda url: hosts.made(url, PLAIN, redis_url, advice)))
        behind: list[Wsgi] = []
        shut = stack.enter_context(served_by_tls(later(behind), certificate(folder)))
        behind.append(hosts.made(shut, FAR, redis_url, advice))
        open_ = stack.enter_context(served(lambda _: behind[0]))
        named = ((app, APP), (shut, FAR), (plain, PLAIN), (lost, LOST))
        clients = tuple(_registered(url, name) for url, name in named)
        record = _ehr(folder, advice, clients, {shut: open_}, stack)
        inside.append(record)
        for each in patients:
            stock(record, each)
        asked.clear()
        yield House(ehr, app, shut, plain, lost, patients, clock, database, asked, gone)


def later(made: list[Wsgi], asked: list[str] | None = None) -> Wsgi:
    """What will be the first of these, once it is made; `asked` is told each path."""

    def app(environ: Any, start: Any) -> Any:
        if asked is not None:
            asked.append(str(environ["PATH_INFO"]))
        return made[0](environ, start)

    return app


@dataclass(frozen=True, slots=True)
class Hosts:
    """Makes launch hosts that share an EHR and a clock."""

    folder: Path
    ehr: str
    risk: str
    clock: Clock
    gone: list[bool]

    def made(self, url: str, client_id: str, redis_url: str, cds: str) -> Wsgi:
        """One launch host with keys and a database of its own."""
        place = self.folder / client_id
        place.mkdir()
        database = f"sqlite:///{place}/smart.db"
        upgrade_smart(database)
        settings = Settings(
            issuers=(f"{self.ehr}/fhir",),
            public_url=url,
            client_id=client_id,
            risk_url=self.risk,
            cds_url=cds,
            database_url=database,
            redis_url=redis_url,
            data_dir=place,
        )
        real = wire(settings)
        vault = Breakable(real.vault, self.gone)
        app: Wsgi = create_smart(replace(real, clock=self.clock, vault=cast("Vault", vault)))
        return app


def _registered(url: str, client_id: str) -> Client:
    """The suite's own registration, for a host at this address."""
    name = "Wherry app" if client_id == APP else client_id
    return msgspec.structs.replace(own_client(url), client_id=client_id, name=name)


def _ehr(
    folder: Path, advice: str, clients: tuple[Client, ...], inside: dict[str, str], stack: ExitStack
) -> Flask:
    database = f"sqlite:///{folder}/ehr.db"
    upgrade_ehr(database)
    collected, store = CollectorRegistry(), open_store(database)
    stack.callback(store.close)
    return create_ehr(
        Deps(
            store=store,
            clock=SystemClock(),
            new_id=new_id,
            check=problems,
            metrics=Metrics(collected),
            registry=collected,
            open_fhir=True,
            clients=clients,
            keys=HttpKeys(time.monotonic, inside=inside),
            hooks=HttpHooks(),
            cds_servers=(CdsServer("wherry-cds", "Wherry", advice),),
        )
    )


def stock(ehr: Flask, patient: str) -> None:
    """The patient's record, with two stored scores: low first, then high."""
    query = {"category": "vital-signs,laboratory"}
    whole = [
        resource("Patient", patient),
        resource("Encounter", visit_of(patient)),
        *matches("Observation", patient, query),
        _assessment(patient, "low", 1, hours=5),
        _assessment(patient, "high", 14, hours=1),
    ]
    for each in filter(None, whole):
        address = f"/fhir/{each['resourceType']}/{each['id']}"
        made = ehr.test_client().put(
            address, data=encode(each), content_type="application/fhir+json"
        )
        assert made.status_code == 201, made.get_data(as_text=True)


def _assessment(patient: str, tier: str, score: int, *, hours: int) -> dict[str, Any]:
    at = SystemClock().now() - timedelta(hours=hours)
    return {
        "resourceType": "RiskAssessment",
        "id": f"{tier}.{patient}",
        "status": "final",
        "method": {"coding": [{"system": "urn:wherry:risk:model", "code": "news2"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": at.isoformat(timespec="seconds"),
        "prediction": [
            {
                "extension": [{"url": "urn:wherry:fhir:risk-score", "valueDecimal": score}],
                "qualitativeRisk": {"coding": [{"system": "urn:wherry:risk:tier", "code": tier}]},
            }
        ],
    }
