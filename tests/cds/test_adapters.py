"""The HTTP adapters against servers on this machine."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_cds.fhir_read import MAX_BYTES, HttpFhirReader
from wherry_cds.risk_http import HttpScorer
from wherry_cds.rules.score import Refused

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
REFUSED = {
    "model": "news2",
    "version": "1.0.0",
    "patient": "p-1",
    "status": "refused",
    "refusal": {"code": "missing_inputs", "text": "No usable value: pulse."},
    "intended_use": "Supports judgement.",
}


class Server:
    """Answers every request with what it was told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b"{}", {"Content-Type": "application/json"}
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        told = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length", "0"))
                body = self.rfile.read(size)
                told.asked.append((self.command, self.path, dict(self.headers), body))
                self.send_response(told.status)
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(told.body)))
                self.end_headers()
                self.wfile.write(told.body)

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                return

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with closing(Server()) as made:
        yield made


@pytest.fixture
def reader() -> Iterator[HttpFhirReader]:
    with closing(HttpFhirReader()) as made:
        yield made


@pytest.fixture
def scorer(server: Server) -> Iterator[HttpScorer]:
    with closing(HttpScorer(f"{server.base}/", token="between-us")) as made:
        yield made


@pytest.fixture
def silent() -> Iterator[str]:
    """An address that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def closed() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def failure(act: Callable[[], object]) -> Kind:
    with pytest.raises(Failure) as caught:
        act()
    return caught.value.kind


def score(scorer: HttpScorer, timeout_s: float = 5.0) -> Any:
    resources = [{"resourceType": "Observation", "valueQuantity": {"value": Decimal("98.60")}}]
    return scorer.score("news2", "p-1", resources, at=AT, timeout_s=timeout_s)


def test_the_risk_service_gets_the_resources_with_their_digits(
    server: Server, scorer: HttpScorer
) -> None:
    server.body = encode(REFUSED)

    answer = score(scorer)

    method, path, headers, body = server.asked[0]
    assert isinstance(answer, Refused)
    assert (method, path, headers["Authorization"]) == ("POST", "/v1/score", "Bearer between-us")
    assert b"98.60" in body
    assert decode(body) == {
        "model": "news2",
        "patient": "p-1",
        "resources": [
            {"resourceType": "Observation", "valueQuantity": {"value": Decimal("98.60")}}
        ],
        "at": "2026-03-01T12:00:00+00:00",
    }


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"not json", Kind.UNAVAILABLE),
        (200, b"{}", Kind.UNAVAILABLE),
        (200, encode({**REFUSED, "patient": "p-2"}), Kind.UNAVAILABLE),
        (302, b"", Kind.UNAVAILABLE),
        (400, b"{}", Kind.INVALID),
        (401, b"{}", Kind.UNAVAILABLE),
        (404, b"{}", Kind.UNAVAILABLE),
        (422, b"{}", Kind.INVALID),
        (500, b"{}", Kind.UNAVAILABLE),
        (503, b"{}", Kind.UNAVAILABLE),
    ],
)
def test_any_other_answer_of_the_risk_service_is_a_failure(
    server: Server, scorer: HttpScorer, status: int, body: bytes, kind: Kind
) -> None:
    server.status, server.body = status, body
    server.headers["Location"] = server.base

    assert failure(lambda: score(scorer)) is kind
    assert len(server.asked) == 1


@pytest.mark.parametrize("where", ["closed", "silent"])
def test_a_risk_service_that_is_away_or_silent_is_unavailable(
    request: pytest.FixtureRequest, where: str
) -> None:
    with closing(HttpScorer(request.getfixturevalue(where))) as scorer:
        assert failure(lambda: score(scorer, timeout_s=0.05)) is Kind.UNAVAILABLE


def test_the_risk_service_is_pinged_by_its_health(server: Server, scorer: HttpScorer) -> None:
    scorer.ping()
    server.status = 503

    assert failure(scorer.ping) is Kind.UNAVAILABLE
    assert {path for _, path, _, _ in server.asked} == {"/healthz"}


def test_a_fhir_server_is_read_with_the_token_of_the_call(
    server: Server, reader: HttpFhirReader
) -> None:
    server.body = b'{"resourceType": "Patient", "multipleBirthInteger": 1.50}'
    server.headers["Set-Cookie"] = "session=made-up"

    first = reader.get(f"{server.base}/Patient/p-1", token="t", timeout_s=5, at="prefetch.patient")
    reader.get(f"{server.base}/Patient/p-1", token="", timeout_s=5, at="prefetch.patient")

    (_, path, with_token, _), (_, _, without, _) = server.asked
    assert first == {"resourceType": "Patient", "multipleBirthInteger": Decimal("1.50")}
    assert (path, with_token["Authorization"]) == ("/Patient/p-1", "Bearer t")
    assert "Authorization" not in without
    assert "Cookie" not in without


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", Kind.UNMET),
        (200, b" " * (MAX_BYTES + 1), Kind.UNMET),
        (302, b"", Kind.UNAVAILABLE),
        (401, b"{}", Kind.UNMET),
        (403, b"{}", Kind.UNMET),
        (404, b"{}", Kind.UNMET),
        (410, b"{}", Kind.UNMET),
        (429, b"{}", Kind.UNAVAILABLE),
        (500, b"{}", Kind.UNAVAILABLE),
        (503, b"{}", Kind.UNAVAILABLE),
    ],
    ids=lambda value: "long" if isinstance(value, bytes) and len(value) > 99 else None,
)
def test_any_other_answer_of_a_fhir_server_is_a_failure_at_the_key(
    server: Server, reader: HttpFhirReader, status: int, body: bytes, kind: Kind
) -> None:
    server.status, server.body = status, body
    server.headers["Location"] = f"{server.base}/elsewhere"

    with pytest.raises(Failure) as caught:
        reader.get(f"{server.base}/Patient/p-1", token="t", timeout_s=5, at="prefetch.patient")

    assert (caught.value.kind, caught.value.at) == (kind, "prefetch.patient")
    assert len(server.asked) == 1


def test_a_fhir_server_that_is_away_or_silent_is_unavailable(
    reader: HttpFhirReader, closed: str, silent: str
) -> None:
    for base in (closed, silent):
        with pytest.raises(Failure) as caught:
            reader.get(f"{base}/Patient/p-1", token="", timeout_s=0.05, at="prefetch.patient")

        assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "prefetch.patient")


def test_a_fhir_server_that_drips_is_cut_off(reader: HttpFhirReader) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        dripping = threading.Thread(target=_drip, args=(listening, stop))
        dripping.start()

        kind = failure(lambda: reader.get(base, token="", timeout_s=0.1, at="prefetch.patient"))
        stop.set()
        dripping.join()

    assert kind is Kind.UNAVAILABLE


def _drip(listening: socket.socket, stop: threading.Event) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.recv(4096)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not stop.wait(0.01):
            try:
                connection.sendall(b" ")
            except OSError:
                return
