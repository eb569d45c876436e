"""MLLP over TLS with real certificates of a CA made here. All messages are synthetic."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.hl7.mllp.authority import Authority
from tests.hl7.mllp.harness import Listen, Running, adt, answer, read_all

from wherry.errors import Failure
from wherry.hl7.framing import frame
from wherry.testing.inbox import FakeInbox
from wherry_hl7.tls import server_context


@pytest.fixture
def ours(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours", "OUR CA")


@pytest.fixture
def files(ours: Authority) -> dict[str, str]:
    certificate, key = ours.sign("listener")
    return {"mllp_certificate": str(certificate), "mllp_key": str(key)}


def client(ca: Authority, shown: tuple[Path, Path] | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca.file))
    if shown:
        context.load_cert_chain(*shown)
    return context


@contextmanager
def connected(running: Running, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(("127.0.0.1", running.port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        yield secure


def said(sock: socket.socket, *messages: bytes) -> list[tuple[str, str]]:
    answers = []
    for message in messages:
        sock.sendall(frame(message))
        answers.append(answer(sock.recv(65536)[1:]))
    return answers


def test_messages_are_answered_over_tls(
    listen: Listen, ours: Authority, files: dict[str, str]
) -> None:
    with connected(listen(**files), client(ours)) as sock:
        assert said(sock, adt("1"), adt("2")) == [("AA", "1"), ("AA", "2")]
        assert sock.version() == "TLSv1.3"


def test_tls_1_2_is_spoken_and_nothing_older(
    listen: Listen, ours: Authority, files: dict[str, str]
) -> None:
    running = listen(**files)
    context = client(ours)
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    with connected(running, context) as sock:
        assert (sock.version(), said(sock, adt("1"))) == ("TLSv1.2", [("AA", "1")])
    own = server_context(files["mllp_certificate"], files["mllp_key"])
    assert own is not None
    assert own.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_sender_with_a_certificate_of_the_agreed_ca_is_let_in(
    listen: Listen, ours: Authority, files: dict[str, str]
) -> None:
    running = listen(**files, mllp_client_ca=str(ours.file))

    with connected(running, client(ours, ours.sign("sender"))) as sock:
        assert said(sock, adt("1")) == [("AA", "1")]


@pytest.mark.parametrize("stranger", [True, False])
def test_a_sender_without_such_a_certificate_is_not(
    listen: Listen, inbox: FakeInbox, ours: Authority, files: dict[str, str], stranger: bool
) -> None:
    running = listen(**files, mllp_client_ca=str(ours.file))
    theirs = Authority(ours.file.parent / "theirs", "THEIR CA")
    context = client(ours, theirs.sign("sender") if stranger else None)

    try:
        with connected(running, context) as sock:
            sock.sendall(frame(adt("1")))
            got = sock.recv(1)
    except (ssl.SSLError, ConnectionError):
        got = b""

    assert (got, inbox.search()) == (b"", [])


def test_a_plain_sender_is_not_answered_by_a_tls_listener(
    listen: Listen, inbox: FakeInbox, files: dict[str, str]
) -> None:
    sock = listen(**files).raw()

    sock.sendall(frame(adt("1")))

    assert read_all(sock) == []
    assert inbox.search() == []


def test_draining_ends_tls_connections(
    listen: Listen, ours: Authority, files: dict[str, str]
) -> None:
    running = listen(**files)
    with connected(running, client(ours)) as sock:
        said(sock, adt("1"))
        running.drain()

        assert sock.recv(1) == b""


@pytest.mark.parametrize(
    ("certificate", "key", "client_ca", "at"),
    [
        ("listener.pem", "", "", "certificate"),
        ("missing.pem", "listener.key", "", "certificate"),
        ("listener.pem", "listener.key", "missing.pem", "client_ca"),
        ("listener.pem", "listener.key", "listener.key", "client_ca"),
        ("", "listener.key", "", "certificate"),
        ("", "", "ca.pem", "certificate"),
    ],
)
def test_files_that_cannot_be_used_are_named_by_their_setting(
    ours: Authority, certificate: str, key: str, client_ca: str, at: str
) -> None:
    ours.sign("listener")
    paths = (str(ours.file.parent / name) if name else "" for name in (certificate, key, client_ca))

    with pytest.raises(Failure) as failure:
        server_context(*paths)

    assert failure.value.at == at
