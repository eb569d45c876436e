"""Settings become the real Deps; nothing else builds adapters."""

from collections.abc import Mapping

import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import SystemClock
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.rq_queue import RqQueue
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry.adapters.tally_sql import SqlTally
from wherry.braking import Braking
from wherry_hl7.deps import Deps
from wherry_hl7.door import Door, read_pairs
from wherry_hl7.profiles import profiles
from wherry_hl7.settings import Settings
from wherry_hl7.supported import supported
from wherry_hl7.triage import Policy

log = structlog.get_logger()


def wire(settings: Settings) -> Deps:
    """The service around the database, the queue and the FHIR server of the settings.

    The maps are compiled here, so that a wrong one stops the start and no message waits for it.
    Raises: Failure(INVALID) at file:line when a sender's profile or a listener cannot be used.
    """
    supported()
    engine = make_engine(settings.database_url)
    sealer = Sealer(settings.inbox_keys)
    if not settings.inbox_keys:
        log.warning("inbox_not_encrypted", setting="WHERRY_INBOX_KEY")
    token = settings.fhir_token
    return Deps(
        inbox=SqlInbox(engine, sealer, Braking(settings.brake)),
        desk=SqlInboxDesk(engine, sealer),
        changes=SqlChanges(engine),
        tally=SqlTally(engine),
        queue=RqQueue(settings.redis_url),
        fhir=HttpFhir(
            settings.fhir_url,
            session(
                token=token.get_secret_value() if token else "", read_s=settings.fhir_timeout_s
            ),
        ),
        clock=SystemClock(),
        registry=CollectorRegistry(),
        policy=Policy(
            unsupported_ack=settings.unsupported_ack,
            processing_ids=frozenset(settings.processing_ids),
            content_ack=settings.content_ack,
            on=settings.ack_on,
            batch=settings.batch_ack,
            duplicates=settings.duplicates,
        ),
        senders=profiles(settings),
        token=settings.service_token,
        door=Door(
            users=_pairs(settings.http_users),
            operators=_pairs(settings.operator_tokens),
            channel=settings.http_channel,
            status_from_ack=settings.http_status_from_ack,
            max_message_bytes=settings.max_message_bytes,
            max_file_bytes=settings.max_file_bytes,
            stored_timeout_s=settings.stored_timeout_s,
        ),
        encrypted=bool(settings.inbox_keys),
        chores=SqlChores(engine),
    )


def _pairs(secret: SecretStr | None) -> Mapping[str, str]:
    return read_pairs(secret.get_secret_value()) if secret else {}
