"""Each port on its fake and on everything real that keeps the same contract."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from threading import Thread

import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import Engine
from werkzeug.serving import make_server

from wherry.adapters.changes_desk import SqlChangesDesk
from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.clock import SystemClock
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.rq_queue import RqQueue, flag_key
from wherry.adapters.sealing import NO_KEYS, Sealer
from wherry.adapters.sql import make_engine
from wherry.adapters.tally_sql import SqlTally
from wherry.braking import Braking
from wherry.desk import Desk
from wherry.fhir.check import problems
from wherry.ports import Changes, ChangesDesk, Fhir, Inbox, Queue, Tally
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry.testing.tally import FakeTally
from wherry_ehr.app import create_app
from wherry_ehr.deps import Deps
from wherry_ehr.metrics import Metrics
from wherry_ehr.migrate import upgrade as upgrade_ehr
from wherry_ehr.store.sql_store import open_store

TOKEN = "made-up-secret"
DATABASES = ("sqlite", "postgres")


@dataclass(frozen=True)
class InboxParts:
    """One inbox by both of its ports."""

    inbox: Inbox
    desk: Desk


@dataclass(frozen=True)
class QueueParts:
    """A queue, and what lies in it."""

    queue: Queue
    redis: "Redis | None"

    def lying(self, name: str) -> int:
        """How many tickets wait to be picked up."""
        if self.redis is not None:
            return int(self.redis.llen(f"rq:queue:{name}"))
        assert isinstance(self.queue, FakeQueue)
        return self.queue.tickets.count(name)

    def pick_up(self, name: str) -> None:
        """Do what a worker does at the start of its job."""
        if self.redis is not None:
            self.redis.delete(f"rq:queue:{name}", flag_key(name))
        elif isinstance(self.queue, FakeQueue):
            self.queue.take(name)


def _migrated(request: pytest.FixtureRequest, database: str = "") -> Engine:
    url = request.getfixturevalue(f"{database or request.param}_url")
    upgrade(url)
    return make_engine(url)


@pytest.fixture(params=["fake", *DATABASES, "sqlite-sealed", "postgres-sealed"])
def parts(request: pytest.FixtureRequest) -> Iterator[InboxParts]:
    """An empty inbox."""
    if request.param == "fake":
        fake = FakeInbox()
        yield InboxParts(fake, fake)
        return
    database, _, sealed = request.param.partition("-")
    engine = _migrated(request, database)
    sealer = Sealer([b"a made-up key, and 32 bytes long"]) if sealed else NO_KEYS
    yield InboxParts(SqlInbox(engine, sealer), SqlInboxDesk(engine, sealer))
    engine.dispose()


MakeInbox = Callable[[Braking], InboxParts]


@pytest.fixture(params=["fake", *DATABASES])
def make_inbox(request: pytest.FixtureRequest) -> Iterator[MakeInbox]:
    """Opens one inbox, as often as it is asked, with brakes that are set so."""
    if request.param == "fake":
        fakes: dict[Braking, FakeInbox] = {}

        def fake(braking: Braking) -> InboxParts:
            made = fakes.setdefault(braking, FakeInbox(braking))
            return InboxParts(made, made)

        yield fake
        return
    engine = _migrated(request)
    yield lambda braking: InboxParts(SqlInbox(engine, NO_KEYS, braking), SqlInboxDesk(engine))
    engine.dispose()


@pytest.fixture
def inbox(parts: InboxParts) -> Inbox:
    """The inbox as listeners and workers see it."""
    return parts.inbox


@pytest.fixture
def desk(parts: InboxParts) -> Desk:
    """The same inbox as an operator sees it."""
    return parts.desk


@dataclass(frozen=True)
class ChangesParts:
    """Changed patients by both of their ports."""

    changes: Changes
    desk: ChangesDesk


@pytest.fixture(params=["fake", *DATABASES])
def changed(request: pytest.FixtureRequest) -> Iterator[ChangesParts]:
    """No changed patients yet."""
    if request.param == "fake":
        fake = FakeChanges()
        yield ChangesParts(fake, fake)
        return
    engine = _migrated(request)
    yield ChangesParts(SqlChanges(engine), SqlChangesDesk(engine))
    engine.dispose()


@pytest.fixture
def changes(changed: ChangesParts) -> Changes:
    """Changed patients as workers see them."""
    return changed.changes


@pytest.fixture
def changes_desk(changed: ChangesParts) -> ChangesDesk:
    """The same patients as an operator sees them."""
    return changed.desk


@pytest.fixture(params=["fake", *DATABASES])
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    """No unknown codes yet."""
    if request.param == "fake":
        yield FakeTally()
        return
    engine = _migrated(request)
    yield SqlTally(engine)
    engine.dispose()


@pytest.fixture(params=["fake", "redis"])
def queues(request: pytest.FixtureRequest) -> Iterator[QueueParts]:
    """Queues without tickets."""
    if request.param == "fake":
        yield QueueParts(FakeQueue(), None)
        return
    url = request.getfixturevalue("redis_url")
    queue = RqQueue(url)
    with Redis.from_url(url) as redis:
        yield QueueParts(queue, redis)
    queue.close()


@contextmanager
def _over_http(url: str) -> Iterator[Fhir]:
    upgrade_ehr(url)
    store, registry, ids = open_store(url), CollectorRegistry(), count(1)
    deps = Deps(
        store=store,
        clock=SystemClock(),
        new_id=lambda: f"{next(ids):08}-0000-4000-8000-000000000000",
        check=problems,
        metrics=Metrics(registry),
        registry=registry,
        fhir_token=SecretStr(TOKEN),
    )
    server = make_server("127.0.0.1", 0, create_app(deps), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        with session(token=TOKEN) as http:
            yield HttpFhir(f"http://127.0.0.1:{server.port}/fhir", http)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        store.close()


@pytest.fixture(params=["fake", "http"])
def fhir(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Fhir]:
    """A FHIR server without resources."""
    if request.param == "fake":
        yield FakeFhir()
        return
    with _over_http(sqlite_url) as server:
        yield server
