"""Who may connect, how many ports there are, and who is cut off. All messages are synthetic."""

import collections
import socket
import struct
from pathlib import Path

import pytest
from tests.hl7.mllp.harness import Gate, Listen, adt, answer, read_all, wait_for

from wherry.errors import Failure
from wherry.hl7.framing import frame
from wherry.networks import lets_in, networks
from wherry.testing.inbox import FakeInbox
from wherry_hl7.listeners import Listening, listeners
from wherry_hl7.profiles import profiles
from wherry_hl7.settings import Settings

LISTENERS = """
listeners:
  - {channel: adt, port: 2575}
  - channel: lab
    port: 2576
    host: "::1"
    sender: stmary-lab
    allow: [10.1.0.0/16, 10.2.3.4]
    tls: {certificate: tls/own.pem, key: /keys/own.key, client_ca: tls/ca.pem}
    max_connections: 4
    commit_ack: true
"""


def settings(directory: Path, text: str = LISTENERS) -> Settings:
    path = directory / "listeners.yaml"
    path.write_text(text)
    return Settings(listeners=str(path), senders=str(directory / "senders"))


@pytest.mark.parametrize(
    ("allowed", "host", "expected"),
    [
        ("", "203.0.113.9", True),
        ("10.1.0.0/16, 10.2.3.4", "10.1.255.1", True),
        ("10.1.0.0/16,10.2.3.4", "10.2.3.4", True),
        ("10.1.0.0/16,10.2.3.4", "10.2.3.5", False),
        ("10.1.0.0/16", "::ffff:10.1.0.1", True),
        ("10.1.0.0/16", "2001:db8::1", False),
        ("2001:db8::/32", "2001:db8::1", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("10.1.0.0/16", "", False),
    ],
)
def test_only_listed_networks_are_let_in(allowed: str, host: str, expected: bool) -> None:
    assert lets_in(networks(allowed.split(",")), host) is expected


@pytest.mark.parametrize("text", ["10.1.2.3/16", "lab.example", "10.1.0.0/33"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(Failure) as failure:
        networks([text])
    assert failure.value.at == "allow"


def test_a_sender_from_elsewhere_is_closed_at_once(listen: Listen, inbox: FakeInbox) -> None:
    running = listen(mllp_allow="10.1.0.0/16")

    sock = running.raw()

    assert read_all(sock) == []
    assert running.metric("wherry_hl7_mllp_dropped_total", reason="not_allowed") == 1
    assert running.metric("wherry_hl7_mllp_connections") == 0
    assert answer(listen(mllp_allow="127.0.0.0/8").client().send(adt("1"))) == ("AA", "1")


def test_a_file_names_several_listeners(tmp_path: Path) -> None:
    one, two = listeners(settings(tmp_path))

    assert one == Listening("adt", "127.0.0.1", 2575)
    assert two == Listening(
        "lab",
        "::1",
        2576,
        sender="stmary-lab",
        allow=networks(["10.1.0.0/16", "10.2.3.4"]),
        certificate=str(tmp_path / "tls/own.pem"),
        key="/keys/own.key",
        client_ca=str(tmp_path / "tls/ca.pem"),
        max_connections=4,
        commit_ack=True,
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("listeners: []", 1),
        ("listeners:\n  - {channel: a, port: 1}\n  - {channel: a, port: 2}", 3),
        ("listeners:\n  - {channel: a, port: 1}\n  - {channel: b, port: 1}", 3),
        ("listeners:\n  - {channel: a, port: 70000}", 2),
        ("listeners:\n  - {channel: a, port: 1, allow: [x]}", 2),
        ("listeners:\n  - {channel: a, port: 1, tsl: {}}", 1),
        ("listeners:\n  - {channel: a}", 1),
    ],
)
def test_a_file_that_cannot_be_used_is_named_with_its_line(
    tmp_path: Path, text: str, line: int
) -> None:
    with pytest.raises(Failure) as failure:
        listeners(settings(tmp_path, text))

    assert failure.value.at == f"listeners.yaml:{line}"


def test_a_listener_is_bound_to_a_profile_for_feed_and_worker_alike(tmp_path: Path) -> None:
    (tmp_path / "senders").mkdir()
    (tmp_path / "senders" / "stmary-lab.yaml").write_text("match: {MSH-3: LABSYS}\n")

    senders = profiles(settings(tmp_path))

    names = [senders.by(lambda _: "ANY", channel).name for channel in ("lab", "adt")]
    assert names == ["stmary-lab", "default"]


def test_a_listener_of_an_unknown_profile_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "senders").mkdir()

    with pytest.raises(Failure) as failure:
        profiles(settings(tmp_path))

    assert failure.value.at == "lab"


def test_a_dead_sender_is_asked_for_by_tcp(listen: Listen) -> None:
    running = listen(keepalive_s=7)
    running.client().send(adt("1"))

    [connection] = running.feed.connections
    sock = connection._transport.get_extra_info("socket")

    options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    assert [sock.getsockopt(socket.IPPROTO_TCP, one) for one in options] == [7, 1, 4]


def test_a_sender_that_never_reads_is_cut_off_and_holds_little(
    listen: Listen, inbox: FakeInbox
) -> None:
    running = listen(write_timeout_s=0.2, max_unanswered=50)
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", running.port))
    sock.settimeout(5)
    long = "X" * 150

    flood = (frame(adt(f"{n}{long}", event="A99")) for n in range(200_000))

    with pytest.raises((ConnectionError, TimeoutError)):
        collections.deque(map(sock.sendall, flood), maxlen=0)
    sock.close()

    wait_for(
        lambda: running.metric("wherry_hl7_mllp_dropped_total", reason="answers_not_read") == 1
    )
    assert running.metric("wherry_hl7_mllp_connections") == 0


def test_a_sender_that_resets_its_connection_leaves_nothing(
    listen: Listen, inbox: FakeInbox
) -> None:
    gate = Gate(inbox)
    running = listen(gate)
    sock = running.raw()
    sock.sendall(frame(adt("1")))
    assert gate.entered.acquire(timeout=5)

    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    wait_for(lambda: running.metric("wherry_hl7_mllp_connections") == 0)
    gate.opened.release()
    gate.opened.release()

    assert answer(running.client().send(adt("1"))) == ("AA", "1")
    assert [one.repeats for one in inbox.search()] == [1]
