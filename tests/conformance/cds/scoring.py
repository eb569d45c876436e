"""The risk service with its real models, around fakes, for services that ask it."""

from prometheus_client import CollectorRegistry
from tests.conformance.cds.serving import Wsgi
from tests.risk.fake_records import FakeRecords, FakeScoreAudit

from wherry.adapters.clock import SystemClock, new_id
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry_risk.app import create_app
from wherry_risk.deps import Deps
from wherry_risk.metrics import Metrics
from wherry_risk.model.interface import Registry


def scoring(models: Registry) -> Wsgi:
    """Its WSGI application; what is taken out of `models` is missing from then on."""
    collected = CollectorRegistry()
    app: Wsgi = create_app(
        Deps(
            models=models,
            fhir=FakeFhir(),
            changes=FakeChanges(),
            records=FakeRecords(),
            audit=FakeScoreAudit(),
            new_id=new_id,
            clock=SystemClock(),
            ticks=lambda: 0.0,
            metrics=Metrics(collected),
            registry=collected,
        )
    )
    return app
