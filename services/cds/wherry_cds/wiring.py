"""Settings become the real Deps; nothing else builds adapters."""

import time

from prometheus_client import CollectorRegistry

from wherry.adapters.clock import SystemClock, new_id
from wherry.adapters.sql import make_engine
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.sql import SqlBoard
from wherry_cds.board.tally_sql import SqlTally
from wherry_cds.clients.gate import DiscoveryAuth, Registering, Unregistered
from wherry_cds.clients.keys_http import HttpFetch
from wherry_cds.clients.keyset import addresses, key_set
from wherry_cds.clients.keysets import Documents
from wherry_cds.clients.registry import Registered, SqlClients, read_file
from wherry_cds.clients.replays_redis import RedisReplays, connect
from wherry_cds.clients.verify import Verifier
from wherry_cds.deps import Deps, Links, Servers
from wherry_cds.fhir_read import HttpFhirReader
from wherry_cds.metrics import Metrics
from wherry_cds.outcome_metrics import OutcomesCollector
from wherry_cds.parallel import Threads
from wherry_cds.policy.files import load
from wherry_cds.protocol.catalogue import SERVICES
from wherry_cds.protocol.hooks import CONTEXTS
from wherry_cds.protocol.vendor import on_vendor_hooks, vendor_contexts
from wherry_cds.risk_http import HttpScorer
from wherry_cds.settings import Settings


def wire(settings: Settings) -> Deps:
    """The service around the risk service and the FHIR servers that the settings name."""
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    token = settings.service_token
    engine = make_engine(settings.database_url)
    audit = SqlAudit(engine)
    registry.register(OutcomesCollector(SqlTally(engine), SystemClock().now))
    vendor = {name: hook.context for name, hook in settings.vendor_hooks.items()}
    answering = {name: hook.services for name, hook in settings.vendor_hooks.items()}
    return Deps(
        scorer=HttpScorer(settings.risk_url, token=token.get_secret_value() if token else ""),
        fhir=HttpFhirReader(),
        clock=SystemClock(),
        ticks=time.monotonic,
        new_id=new_id,
        servers=Servers(
            own=settings.fhir_url,
            own_token=settings.fhir_token,
            others=settings.fhir_servers,
            own_by_default=settings.own_fhir,
            max_pages=settings.max_pages,
        ),
        links=Links(
            source=settings.source_url,
            chart=settings.chart_url,
            smart=settings.smart_url,
            models=settings.models_url,
        ),
        metrics=metrics,
        registry=registry,
        token=token,
        origins=frozenset(settings.cors_origins),
        deadline_s=settings.deadline_s,
        max_body_bytes=settings.max_body_bytes,
        together=Threads(settings.fhir_reads),
        fhir_deadline_s=min(settings.fhir_deadline_s, settings.deadline_s),
        services=(*SERVICES, *on_vendor_hooks(SERVICES, answering)),
        contexts={**CONTEXTS, **vendor_contexts(vendor)},
        gate=gate(settings, metrics),
        board=SqlBoard(engine),
        audit=audit,
        deeds=audit,
        policies=load(settings.policy),
        off=frozenset(settings.off),
        app_tenant=settings.app_tenant,
    )


def gate(settings: Settings, metrics: Metrics) -> Registering:
    """The gate around the registered clients. Raises: Failure(INVALID) for a file of no use."""
    engine = make_engine(settings.database_url)
    fixed = read_file(settings.clients)
    return Registering(
        clients=Registered(fixed, SqlClients(engine), time.monotonic),
        verifier=verifier(settings),
        bases=settings.bases,
        discovery=DiscoveryAuth(settings.discovery_auth),
        metrics=metrics,
        otherwise=Unregistered(settings.service_token, settings.production),
    )


def verifier(settings: Settings) -> Verifier:
    """The eight rules around Redis and the key sets of clients."""
    fetch = HttpFetch(settings.key_networks)
    return Verifier(
        sets=Documents(fetch, time.monotonic, key_set),
        lists=Documents(fetch, time.monotonic, addresses),
        replays=RedisReplays(connect(settings.redis_url)),
        now_s=lambda: SystemClock().now().timestamp(),
    )
