"""Ports for a listener that is started by each test as it needs it."""

from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry
from tests.hl7.mllp.harness import Listen, Running, StandingClock

from wherry.ports import Inbox
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry.testing.tally import FakeTally
from wherry_hl7.deps import Deps
from wherry_hl7.senders import Senders
from wherry_hl7.settings import Settings
from wherry_hl7.triage import Policy


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def listen(inbox: FakeInbox, queue: FakeQueue) -> Iterator[Listen]:
    """Start listeners with the given settings; `keeper` takes the place of the fake inbox."""
    started: list[Running] = []

    def start(
        keeper: Inbox | None = None,
        policy: Policy | None = None,
        senders: Senders | None = None,
        **given: object,
    ) -> Running:
        deps = Deps(
            inbox=keeper or inbox,
            desk=inbox,
            changes=FakeChanges(),
            tally=FakeTally(),
            queue=queue,
            fhir=FakeFhir(),
            clock=StandingClock(),
            registry=CollectorRegistry(),
            policy=policy or Policy(),
            senders=senders or Senders(),
        )
        started.append(Running(deps, Settings(**given)))  # type: ignore[arg-type]
        return started[-1]

    yield start
    for running in started:
        running.close()
