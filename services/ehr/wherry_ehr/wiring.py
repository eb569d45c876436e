"""Settings become Deps: the one place that builds the real adapters."""

from pathlib import Path
from random import SystemRandom
from time import monotonic, sleep

from prometheus_client import CollectorRegistry

from wherry.adapters.clock import SystemClock, new_id
from wherry.errors import Failure, Kind
from wherry.fhir.check import problems
from wherry_ehr.auth.brands import BRAND, read_brand
from wherry_ehr.auth.clients import Client, own_client
from wherry_ehr.auth.keys import HttpKeys
from wherry_ehr.auth.registry import read_clients
from wherry_ehr.chart.cds_http import HttpHooks
from wherry_ehr.chart.cds_servers import CdsServer
from wherry_ehr.deps import Deps
from wherry_ehr.faults import Faults, read_faults
from wherry_ehr.metrics import Metrics
from wherry_ehr.settings import Settings
from wherry_ehr.store.sql_store import open_store


def wire(settings: Settings) -> Deps:
    """The real store, clock, checker, apps and CDS service."""
    registry = CollectorRegistry()
    return Deps(
        store=open_store(settings.database_url),
        clock=SystemClock(),
        new_id=new_id,
        check=problems,
        metrics=Metrics(registry),
        registry=registry,
        fhir_token=settings.fhir_token,
        open_fhir=settings.open_fhir,
        trusted_peers=settings.trusted_peers,
        public_url=settings.public_url,
        issuer=settings.issuer,
        clients=started_with(settings),
        keys=HttpKeys(monotonic, inside={settings.smart_url: settings.smart_inside_url}),
        hooks=HttpHooks(),
        cds_servers=(CdsServer("wherry-cds", "Wherry", settings.cds_url),)
        if settings.cds_url
        else (),
        cds_allowed=tuple(settings.cds_allowed.split()),
        cds_deadline_s=settings.cds_deadline_s,
        faults=_faults(settings),
        brand=read_brand(Path(settings.brand), problems) if settings.brand else BRAND,
        quirks=settings.quirks,
        test_seam=settings.test_seam,
    )


def _faults(settings: Settings) -> Faults | None:
    if not (settings.faults or settings.fault_header):
        return None
    return Faults(read_faults(settings.faults), settings.fault_header, SystemRandom().random, sleep)


def started_with(settings: Settings) -> tuple[Client, ...]:
    """The suite's own app first. Raises: Failure(INVALID) when two have one id."""
    own = (own_client(settings.smart_url),) if settings.smart_url else ()
    more = read_clients(Path(settings.clients)) if settings.clients else ()
    ids = [client.client_id for client in (*own, *more)]
    if len(set(ids)) < len(ids):
        raise Failure(Kind.INVALID, "two apps have the same client_id", at=settings.clients)
    return (*own, *more)
