"""Settings become the real Deps; nothing else builds adapters."""

from prometheus_client import CollectorRegistry

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.clock import SystemClock
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.rq_queue import RqQueue
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.braking import Braking
from wherry.errors import Failure, Kind
from wherry.networks import networks
from wherry_devices.accounts.cloud_wiring import wire_clouds
from wherry_devices.births import Births
from wherry_devices.deps import Deps
from wherry_devices.derivation.days_sql import SqlDays
from wherry_devices.duplicates.paths_sql import SqlPaths
from wherry_devices.freshness.seen_sql import SqlSeen
from wherry_devices.intake import tink
from wherry_devices.intake.doors import Door, door
from wherry_devices.intake.keysets_http import PUBLISHED, HttpKeysets
from wherry_devices.intake.signature import VENDORS, Scheme
from wherry_devices.metrics import Metrics
from wherry_devices.owning.audit_sql import SqlAudit
from wherry_devices.owning.bindings_sql import SqlBindings, SqlTally
from wherry_devices.settings import Doored, Settings, Signed
from wherry_devices.template_files import Reloading, load


def wire(settings: Settings) -> Deps:
    """The service around the database, the queue and the FHIR server of the settings.

    Raises: Failure(INVALID) with file and line when a template cannot be used.
    """
    engine = make_engine(settings.database_url)
    sealer = Sealer(settings.inbox_keys)
    token = settings.fhir_token
    registry = CollectorRegistry()
    clouds = wire_clouds(settings, engine, sealer)
    fhir = HttpFhir(
        settings.fhir_url,
        session(token=token.get_secret_value() if token else "", read_s=settings.fhir_timeout_s),
    )
    return Deps(
        inbox=SqlInbox(engine, sealer, Braking(settings.brake)),
        desk=SqlInboxDesk(engine, sealer),
        changes=SqlChanges(engine),
        queue=RqQueue(settings.redis_url),
        fhir=fhir,
        clock=SystemClock(),
        bindings=SqlBindings(engine),
        tally=SqlTally(engine),
        seen=SqlSeen(engine),
        audit=SqlAudit(engine),
        clouds=clouds,
        paths=SqlPaths(engine, settings.inbox_keys),
        days=SqlDays(engine),
        standings=clouds.connections,
        births=Births(fhir),
        templates=Reloading(settings.templates) if settings.templates else load(),
        registry=registry,
        metrics=Metrics(registry),
        signatures={name: scheme(name, signed) for name, signed in settings.signatures.items()},
        doors={name: door_of(doored) for name, doored in settings.doors.items()},
        proxies=settings.proxies,
        token=settings.service_token,
        zone=settings.zone,
        day_window=settings.day_window,
        day_bands=settings.day_bands,
        max_payload_bytes=settings.max_payload_bytes,
    )


def scheme(name: str, signed: Signed) -> Scheme:
    """A source's way of signing with its secrets laid open; a vendor's own way unless told else.

    Raises: Failure(INVALID) when a secret that should be a keyset is none, or there is nothing to
    check with.
    """
    laid_open = {"secrets", "authorization"}
    facts = {**VENDORS.get(name, {}), **signed.model_dump(exclude=laid_open, exclude_unset=True)}
    secrets, authorization = (
        tuple(one.get_secret_value().encode() for one in those)
        for those in (signed.secrets, signed.authorization)
    )
    url = facts.pop("keyset_url", "") or PUBLISHED.get(name, "")
    keysets = HttpKeysets(url) if url and not secrets else None
    if not secrets and (keysets is None or facts.get("style") != "tink"):
        raise Failure(Kind.INVALID, f"{name} has no secrets to check with", at="signatures")
    made = Scheme(secrets, authorization=authorization, keysets=keysets, **facts)
    if made.style == "tink":
        for keyset in made.secrets:
            tink.keys(keyset)
    return made


def door_of(doored: Doored) -> Door:
    """A vendor's door; only hashes of its secrets are kept."""
    secrets = [one.get_secret_value() for one in doored.secrets]
    return door(secrets, networks(doored.allow))
