"""Where key sets may come from, and how much and how long of them is read."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from wherry.errors import Failure, Kind
from wherry.web.peers import read_networks
from wherry_cds.clients import keys_http
from wherry_cds.clients.keys_http import HttpFetch

HOSTS: list[str] = []


class Pages(BaseHTTPRequestHandler):
    """Answers by path; remembers the Host header."""

    def do_GET(self) -> None:
        HOSTS.append(self.headers["Host"])
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/jwks.json")
            self.end_headers()
        elif self.path == "/large":
            self._send(b"x" * (keys_http.MAX_BYTES + 1))
        elif self.path == "/slow":
            self.send_response(200)
            self.end_headers()
            time.sleep(0.2)
            self.wfile.write(b"{}")
        elif self.path == "/jwks.json?v=1":
            self._send(b'{"keys": []}')
        else:
            self.send_error(404)

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def why(fetch: HttpFetch, address: str, *, loopback: bool = False) -> str:
    with pytest.raises(Failure) as caught:
        fetch.get(address, loopback=loopback)
    assert caught.value.kind is Kind.UNAVAILABLE
    return caught.value.detail.removeprefix("the client's keys cannot be fetched: ")


def at(*ips: str) -> HttpFetch:
    """A fetch for which every name is one of these addresses."""
    return HttpFetch(read_networks("172.30.87.0/24"), lambda host, port: list(ips))


def test_a_sandbox_may_keep_its_keys_on_this_machine(port: int) -> None:
    HOSTS.clear()

    found = HttpFetch().get(f"http://127.0.0.1:{port}/jwks.json?v=1", loopback=True)

    assert found == b'{"keys": []}'
    assert [f"127.0.0.1:{port}"] == HOSTS


def test_nobody_else_may(port: int) -> None:
    assert "private" in why(HttpFetch(), f"http://127.0.0.1:{port}/jwks.json?v=1")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/moved", "the server answered 302"),
        ("/none", "the server answered 404"),
        ("/large", "larger than 65536 bytes"),
    ],
)
def test_redirects_errors_and_floods_are_not_read(port: int, path: str, reason: str) -> None:
    assert reason in why(HttpFetch(), f"http://127.0.0.1:{port}{path}", loopback=True)


def test_a_server_that_dawdles_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_http, "DEADLINE_S", 0.05)

    assert why(HttpFetch(), f"http://127.0.0.1:{port}/slow", loopback=True) == (
        "the server did not answer"
    )


@pytest.mark.parametrize(
    "ip",
    [
        *("10.0.0.8", "192.168.1.1", "172.30.88.1", "169.254.169.254", "127.0.0.1", "0.0.0.0"),  # noqa: S104 - refused
        *("100.64.0.1", "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.8", "::ffff:127.0.0.1"),
    ],
)
def test_a_private_address_behind_a_public_name_is_not_called(ip: str) -> None:
    assert "private" in why(at(ip), "https://keys.example.org/jwks.json")


def test_one_private_address_among_public_ones_spoils_the_name() -> None:
    assert "private" in why(at("93.184.216.34", "10.0.0.8"), "https://keys.example.org/jwks")


def test_a_public_address_needs_https() -> None:
    assert why(at("93.184.216.34"), "http://keys.example.org/jwks") == "keys come over https"


def test_this_machine_is_no_trusted_network_for_a_strict_client() -> None:
    fetch = HttpFetch(read_networks("127.0.0.0/8"), lambda host, port: ["127.0.0.1"])

    assert "private" in why(fetch, "http://keys.example.org:9/jwks")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_listed_network_may_be_called_over_either(scheme: str) -> None:
    fetch = at("172.30.87.9")

    assert fetch.address_of(scheme, "ehr", 8000, loopback=False) == "172.30.87.9"


@pytest.mark.parametrize("found", [[], ["no address"]])
def test_a_name_without_address_is_no_answer(found: list[str]) -> None:
    assert why(at(*found), "https://keys.example.org/jwks") in (
        "the host has no address",
        "the server did not answer",
    )


def test_a_name_that_is_not_known_is_no_answer() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    assert why(HttpFetch((), unknown), "https://keys.example.org/x") == "the server did not answer"
