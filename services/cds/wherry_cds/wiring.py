"""Settings become the real Deps; nothing else builds adapters."""

import time

from prometheus_client import CollectorRegistry

from wherry.adapters.clock import SystemClock, new_id
from wherry_cds.deps import Deps, Links, Servers
from wherry_cds.fhir_read import HttpFhirReader
from wherry_cds.metrics import Metrics
from wherry_cds.risk_http import HttpScorer
from wherry_cds.settings import Settings


def wire(settings: Settings) -> Deps:
    """The service around the risk service and the FHIR servers that the settings name."""
    registry = CollectorRegistry()
    token = settings.service_token
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
        links=Links(source=settings.source_url, chart=settings.chart_url, smart=settings.smart_url),
        metrics=Metrics(registry),
        registry=registry,
        token=token,
        origins=frozenset(settings.cors_origins),
        deadline_s=settings.deadline_s,
        max_body_bytes=settings.max_body_bytes,
    )
