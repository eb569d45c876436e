"""The hl7 service's app around fakes."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry.testing.tally import FakeTally
from wherry_hl7.app import create_app
from wherry_hl7.deps import Deps
from wherry_hl7.door import Door
from wherry_hl7.triage import Policy


class StandingClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


Make = Callable[..., FlaskClient]


@pytest.fixture
def make(inbox: FakeInbox, queue: FakeQueue) -> Make:
    """Makes a client of an app; its door, and other deps, by name."""

    def made(*, door: Door | None = None, **others: Any) -> FlaskClient:
        deps = Deps(
            inbox=inbox,
            desk=inbox,
            changes=FakeChanges(),
            tally=FakeTally(),
            queue=queue,
            fhir=FakeFhir(),
            clock=StandingClock(),
            registry=CollectorRegistry(),
            policy=Policy(),
            door=door or Door(),
        )
        return create_app(replace(deps, **others)).test_client()

    return made


@pytest.fixture
def client(make: Make) -> FlaskClient:
    """An app as it is without settings."""
    return make()
