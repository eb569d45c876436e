"""The HTTP side of the hl7 service, around fakes."""

from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from wherry.ports import Arrival
from wherry.testing.changes import FakeChanges
from wherry.testing.fhir import FakeFhir
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue
from wherry.testing.tally import FakeTally
from wherry_hl7.app import create_app
from wherry_hl7.deps import Deps
from wherry_hl7.triage import Policy


class StandingClock:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def inbox() -> FakeInbox:
    return FakeInbox()


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def client(inbox: FakeInbox, queue: FakeQueue) -> FlaskClient:
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
    )
    return create_app(deps).test_client()


def test_the_inbox_says_how_many_messages_stand_where(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    inbox.keep([Arrival("hl7", b"1"), Arrival("hl7", b"2"), Arrival("hl7", b"3", aside="not_hl7")])
    inbox.time_s = 7.5

    answer = client.get("/v1/inbox/stats")

    assert (answer.status_code, answer.get_json()) == (
        200,
        {"counts": {"hl7": {"aside": 1, "waiting": 2}}, "oldest_waiting_s": 7.5},
    )


def test_an_inbox_that_is_away_is_a_503_with_an_outcome(
    client: FlaskClient, inbox: FakeInbox
) -> None:
    inbox.away = True

    answer = client.get("/v1/inbox/stats")

    assert answer.status_code == 503
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_metrics_tell_the_inbox_as_it_is_now(client: FlaskClient, inbox: FakeInbox) -> None:
    inbox.keep([Arrival("hl7", b"1"), Arrival("hl7", b"2", aside="not_hl7")])
    inbox.time_s = 3.0

    text = client.get("/metrics").get_data(as_text=True)

    assert 'wherry_inbox_messages{source="hl7",state="waiting"} 1.0' in text
    assert 'wherry_inbox_messages{source="hl7",state="aside"} 1.0' in text
    assert "wherry_inbox_oldest_waiting_seconds 3.0" in text


def test_metrics_answer_while_the_inbox_is_away(client: FlaskClient, inbox: FakeInbox) -> None:
    inbox.away = True

    answer = client.get("/metrics")

    assert (answer.status_code, b"wherry_inbox_messages{" in answer.data) == (200, False)


@pytest.mark.parametrize("part", ["inbox", "queue"])
def test_the_service_is_ready_only_with_its_inbox_and_its_queue(
    client: FlaskClient, inbox: FakeInbox, queue: FakeQueue, part: str
) -> None:
    ready = client.get("/readyz")
    inbox.away, queue.away = part == "inbox", part == "queue"

    answer = client.get("/readyz")

    assert (ready.status_code, answer.status_code) == (200, 503)
    assert answer.get_json()["needs"][part].startswith("down")
