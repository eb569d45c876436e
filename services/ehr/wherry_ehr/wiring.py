"""Settings become Deps: the one place that builds the real adapters."""

from prometheus_client import CollectorRegistry

from wherry.adapters.clock import SystemClock, new_id
from wherry.fhir.check import problems
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.settings import Settings
from wherry_ehr.store.sql_store import open_store


def wire(settings: Settings) -> Deps:
    """The real store, clock and checker."""
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
        public_url=settings.public_url,
    )
