"""Settings become the real Deps; nothing else builds adapters."""

import time

from prometheus_client import CollectorRegistry
from sqlalchemy import Engine

from wherry.adapters.changes_desk import SqlChangesDesk
from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.clock import SystemClock, new_id
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry_risk.audit_sql import SqlScoreAudit
from wherry_risk.changes_metrics import ChangesCollector
from wherry_risk.deps import Deps
from wherry_risk.lifecycle.outcomes_sql import SqlOutcomes
from wherry_risk.lifecycle.roles_sql import SqlRoles
from wherry_risk.lifecycle.standing import Standing
from wherry_risk.metrics import Metrics
from wherry_risk.monitoring.findings_sql import SqlFound
from wherry_risk.monitoring.job import Watch
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.records import DEFAULT_TENANT
from wherry_risk.records_sql import PatientKeys, SqlRecords
from wherry_risk.settings import Settings
from wherry_risk.site import scores_of


def wire(settings: Settings) -> Deps:
    """The service around the FHIR server and the database that the settings name."""
    collected = CollectorRegistry()
    token = settings.fhir_token
    patients = PatientKeys(settings.inbox_keys)
    engine = make_engine(settings.database_url)
    collected.register(ChangesCollector(SqlChangesDesk(engine)))
    standing = standing_of(settings, engine)
    return Deps(
        models=standing.models,
        unserved=standing.unserved,
        beside=standing.beside,
        worker_models=settings.worker_models,
        public_cards=settings.public_cards,
        fhir=HttpFhir(
            settings.fhir_url,
            session(
                token=token.get_secret_value() if token else "", read_s=settings.fhir_timeout_s
            ),
        ),
        changes=SqlChanges(engine),
        records=SqlRecords(engine, Sealer(settings.inbox_keys), patients),
        audit=SqlScoreAudit(engine, patients),
        clock=SystemClock(),
        new_id=new_id,
        ticks=time.monotonic,
        metrics=Metrics(collected),
        registry=collected,
        token=settings.service_token,
        max_body_bytes=settings.max_body_bytes,
        quiet_s=settings.quiet_s,
        lease_s=settings.lease_s,
        batch=settings.batch,
        pauses=settings.pauses,
    )


def standing_of(settings: Settings, engine: Engine) -> Standing:
    """The models of this site, by the roles in its database."""
    return Standing(
        scores_of(settings),
        settings.packages or PACKAGES,
        SqlRoles(engine),
        tenant=DEFAULT_TENANT,
        ticks=time.monotonic,
    )


def watch_of(settings: Settings, engine: Engine) -> Watch:
    """What the daily look at the models needs; it has its own models, for as long as it looks."""
    keys = settings.inbox_keys
    sealer = Sealer(keys)
    return Watch(
        records=SqlRecords(engine, sealer, PatientKeys(keys)),
        outcomes=SqlOutcomes(engine, sealer, keys),
        found=SqlFound(engine),
        cast=lambda: standing_of(settings, engine).now(),
        packages=settings.packages or PACKAGES,
        tenant=DEFAULT_TENANT,
    )
