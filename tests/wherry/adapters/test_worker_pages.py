"""The pages of a worker, asked over loopback."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from prometheus_client import CollectorRegistry, Counter

from wherry.adapters.worker_pages import WorkerPages
from wherry.codec import decode
from wherry.errors import Failure, Kind


def up() -> None:
    """Answer as a dependency that is there."""


def away() -> None:
    raise Failure(Kind.UNAVAILABLE, "the database is not available (made up)")


@contextmanager
def pages(**pings: Callable[[], None]) -> Iterator[WorkerPages]:
    registry = CollectorRegistry()
    Counter("made_up_looks", "Made up", registry=registry).inc(3)
    served = WorkerPages("127.0.0.1", 0, pings, registry)
    try:
        yield served
    finally:
        served.close()


def asked(served: WorkerPages, path: str, method: str = "GET") -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_it_says_that_the_process_is_up() -> None:
    with pages(fhir=away) as served:
        status, body = asked(served, "/healthz")

    assert (status, decode(body)) == (200, {"status": "up"})


@pytest.mark.parametrize(
    ("ping", "status", "told"),
    [
        (up, 200, {"status": "ready", "needs": {"changes": "up", "fhir": "up"}}),
        (
            away,
            503,
            {
                "status": "not ready",
                "needs": {
                    "changes": "up",
                    "fhir": "down: the database is not available (made up)",
                },
            },
        ),
    ],
)
def test_it_says_whether_everything_that_it_needs_answers(
    ping: Callable[[], None], status: int, told: dict[str, object]
) -> None:
    with pages(changes=up, fhir=ping) as served:
        answer = asked(served, "/readyz?from=here")

    assert (answer[0], decode(answer[1])) == (status, told)


def test_it_shows_the_counts() -> None:
    with pages() as served:
        status, body = asked(served, "/metrics")

    assert status == 200
    assert b"made_up_looks_total 3.0" in body


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/", "GET", 404), ("/metrics", "POST", 501)]
)
def test_there_is_nothing_else(path: str, method: str, status: int) -> None:
    with pages() as served:
        assert asked(served, path, method)[0] == status


def test_a_port_that_is_taken_is_said_at_once() -> None:
    with pages() as served, pytest.raises(OSError, match="in use"):
        WorkerPages("127.0.0.1", served.port, {}, CollectorRegistry())
