"""The MLLP listener over real sockets. All messages here are synthetic."""

import socket
import threading
from collections.abc import Sequence

import pytest
from tests.hl7.mllp.harness import Listen, wait_for

from wherry.errors import Failure, Kind
from wherry.hl7.framing import Block, Deframer, frame
from wherry.hl7.mllp_client import MllpClient
from wherry.ports import Arrival, Claim, Outcome, State
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue


def adt(id_: str = "1", event: str = "A01", body: str = "PID|1||77^^^MAIN^MR") -> bytes:
    return f"MSH|^~\\&|ADT|HOSP|||2024||ADT^{event}|{id_}|P|2.5\r{body}\r".encode()


def answer(ack: bytes) -> tuple[str, str]:
    """MSA-1 and MSA-2."""
    fields = ack.decode().split("\r")[1].split("|")
    return fields[1], fields[2]


def read_all(sock: socket.socket) -> list[bytes]:
    """Every block until the peer closes."""
    deframer, blocks = Deframer(), []
    while data := _read(sock):
        blocks += [event.payload for event in deframer.feed(data) if isinstance(event, Block)]
    return blocks


def _read(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except ConnectionResetError:
        return b""


def kept(inbox: FakeInbox) -> list[tuple[str, str, str, str]]:
    return [(m.control_id, m.kind, m.sender, m.reason) for m in inbox.search()]


class Gate:
    """An inbox that keeps only when the test lets it."""

    def __init__(self, inbox: FakeInbox) -> None:
        self._inbox = inbox
        self.entered, self.opened = threading.Semaphore(0), threading.Semaphore(0)
        self.groups: list[int] = []

    def keep(self, arrivals: Sequence[Arrival]) -> list[int]:
        self.entered.release()
        assert self.opened.acquire(timeout=5)
        self.groups.append(len(arrivals))
        return self._inbox.keep(arrivals)

    def claim(self, source: str, *, owner: str, limit: int, lease_s: float) -> Claim | None:
        raise NotImplementedError

    def extend(self, claim: Claim, *, lease_s: float) -> bool:
        raise NotImplementedError

    def settle(self, claim: Claim, outcomes: Sequence[Outcome]) -> int:
        raise NotImplementedError

    def ping(self) -> None:
        self._inbox.ping()


def test_a_message_is_kept_answered_and_a_worker_is_woken(
    listen: Listen, inbox: FakeInbox, queue: FakeQueue
) -> None:
    client = listen().client()

    ack = client.send(adt("M-1"))

    assert answer(ack) == ("AA", "M-1")
    assert kept(inbox) == [("M-1", "ADT^A01", "ADT|HOSP", "")]
    assert inbox.get(1).body == adt("M-1")
    assert (inbox.get(1).state, inbox.get(1).channel, len(inbox.get(1).keys)) == (
        State.WAITING,
        "mllp",
        1,
    )
    wait_for(lambda: queue.tickets == ["hl7"])


def test_nothing_is_answered_before_it_is_kept(listen: Listen, inbox: FakeInbox) -> None:
    gate = Gate(inbox)
    sock = listen(gate).raw()
    sock.sendall(frame(adt()))
    assert gate.entered.acquire(timeout=5)

    sock.settimeout(0.05)
    with pytest.raises(TimeoutError):
        sock.recv(1)
    gate.opened.release()
    sock.settimeout(5)

    assert b"MSA|AA|1" in sock.recv(65536)


def test_many_messages_in_one_read_are_answered_in_order(listen: Listen, inbox: FakeInbox) -> None:
    ids = [str(n) for n in range(50)]

    acks = list(listen().client().send_all((adt(id_) for id_ in ids), window=50))

    assert [answer(ack) for ack in acks] == [("AA", id_) for id_ in ids]
    assert [row[0] for row in kept(inbox)] == ids


def test_one_message_in_many_reads_is_answered(listen: Listen) -> None:
    sock = listen().raw()
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    for byte in frame(adt("M-2")):
        sock.sendall(bytes((byte,)))

    assert b"MSA|AA|M-2" in sock.recv(65536)


def test_a_connection_is_used_again_and_again(listen: Listen) -> None:
    client = listen().client()

    assert [answer(client.send(adt(str(n)))) for n in range(5)] == [
        ("AA", str(n)) for n in range(5)
    ]


def test_what_comes_while_a_commit_runs_goes_into_the_next_one(
    listen: Listen, inbox: FakeInbox
) -> None:
    gate = Gate(inbox)
    running = listen(gate)
    clients = [running.raw() for _ in range(6)]
    clients[0].sendall(frame(adt("0")))
    assert gate.entered.acquire(timeout=5)

    for n, client in enumerate(clients[1:], 1):
        client.sendall(frame(adt(str(n))))
    wait_for(lambda: running.metric("wherry_hl7_mllp_blocks_total") == 6)
    for _ in range(2):
        gate.opened.release()

    assert all(b"MSA|AA" in client.recv(65536) for client in clients)
    assert gate.groups == [1, 5]


def test_an_end_without_cr_is_answered(listen: Listen) -> None:
    sock = listen().raw()

    sock.sendall(b"\x0b" + adt("M-3") + b"\x1c")

    assert b"MSA|AA|M-3" in sock.recv(65536)


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        (adt("1", "A99"), "AR", "unsupported: ADT^A99"),
        (adt("1").replace(b"ADT^A01", b"SIU^S12"), "AR", "unsupported: SIU^S12"),
        (adt("1", body="EVN|A01"), "AE", "content: the PID segment is missing"),
        (adt("1").replace(b"|2.5\r", b"|3.0\r"), "AR", "unsupported: version"),
        (adt("1").replace(b"|P|2.5", b"|X|2.5"), "AR", "unsupported: processing id"),
    ],
)
def test_what_cannot_be_translated_is_refused_and_kept(
    listen: Listen, inbox: FakeInbox, payload: bytes, code: str, reason: str
) -> None:
    ack = listen().client().send(payload)

    assert answer(ack) == (code, "1")
    assert [(m.state, m.reason, m.body) for m in inbox.search()] == [(State.ASIDE, reason, payload)]


def test_a_block_that_is_not_hl7_is_refused_and_kept(listen: Listen, inbox: FakeInbox) -> None:
    ack = listen().client().send(b"hello")

    assert answer(ack) == ("AR", "")
    assert [(m.state, m.reason, m.body) for m in inbox.search()] == [
        (State.ASIDE, "not_hl7", b"hello")
    ]


@pytest.mark.parametrize(
    "stray", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"hello\r\n", adt(), b"\x16\x03\x01\x02\x00"]
)
def test_bytes_without_a_frame_are_refused_kept_and_the_connection_closed(
    listen: Listen, inbox: FakeInbox, stray: bytes
) -> None:
    sock = listen(stray_timeout_s=0.05).raw()

    sock.sendall(stray)

    assert [answer(ack) for ack in read_all(sock)] == [("AR", "1" if stray == adt() else "")]
    assert [(m.state, m.reason, m.body) for m in inbox.search()] == [
        (State.ASIDE, "not_framed", stray)
    ]


def test_a_sender_that_stops_writing_is_judged_at_once(listen: Listen, inbox: FakeInbox) -> None:
    sock = listen(stray_timeout_s=60).raw()
    sock.sendall(b"hello")

    sock.shutdown(socket.SHUT_WR)

    assert [answer(ack) for ack in read_all(sock)] == [("AR", "")]


def test_bytes_before_a_block_are_kept_and_the_block_is_answered(
    listen: Listen, inbox: FakeInbox
) -> None:
    sock = listen().raw()

    sock.sendall(b"hello" + frame(adt("M-4")))

    assert b"MSA|AA|M-4" in sock.recv(65536)
    assert [(m.reason, m.body) for m in inbox.search()] == [
        ("not_framed", b"hello"),
        ("", adt("M-4")),
    ]


def test_a_block_that_does_not_end_in_time_is_dropped_without_an_answer(
    listen: Listen, inbox: FakeInbox
) -> None:
    running = listen(block_timeout_s=0.05)
    sock = running.raw()

    sock.sendall(b"\x0b" + adt())

    assert read_all(sock) == []
    assert kept(inbox) == []
    assert running.metric("wherry_hl7_mllp_dropped_total", reason="block_timeout") == 1


def test_messages_before_a_broken_block_are_answered(listen: Listen) -> None:
    sock = listen(block_timeout_s=0.05).raw()

    sock.sendall(frame(adt("M-5")) + b"\x0bMSH|")

    assert [answer(ack) for ack in read_all(sock)] == [("AA", "M-5")]


def test_a_message_over_the_limit_is_refused_and_the_next_one_is_taken(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen(max_message_bytes=2000).client()

    long = client.send(adt("LONG") + b"NTE|1||" + b"x" * 3000)
    short = client.send(adt("SHORT"))

    assert [answer(long), answer(short)] == [("AR", "LONG"), ("AA", "SHORT")]
    assert [m.reason for m in inbox.search()] == ["too_large: only the start was kept", ""]


def test_a_block_with_two_messages_is_kept_as_two_and_answered_once(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen().client()

    ack = client.send(adt("A") + adt("B", "A03"))

    assert answer(ack) == ("AA", "A")
    assert [row[:2] for row in kept(inbox)] == [("A", "ADT^A01"), ("B", "ADT^A03")]
    assert answer(client.send(adt("C"))) == ("AA", "C")


def test_an_acknowledgment_is_never_acknowledged(listen: Listen, inbox: FakeInbox) -> None:
    sock = listen().raw()
    ack = b"MSH|^~\\&|A|B|C|D|2024||ACK^A01|9|P|2.5\rMSA|AA|1\r"

    sock.sendall(frame(ack) + frame(adt("NEXT")))
    sock.shutdown(socket.SHUT_WR)

    assert [answer(a) for a in read_all(sock)] == [("AA", "NEXT")]
    assert [m.reason for m in inbox.search()] == [
        "acknowledgment: nothing here was waiting for it",
        "",
    ]


def test_when_the_inbox_is_away_nothing_is_answered_and_the_line_closed(
    listen: Listen, inbox: FakeInbox
) -> None:
    inbox.away = True
    running = listen()
    sock = running.raw()

    sock.sendall(frame(adt("1")) + frame(adt("2")))

    assert read_all(sock) == []
    assert running.metric("wherry_hl7_mllp_dropped_total", reason="not_kept") == 1
    inbox.away = False
    assert answer(running.client().send(adt("1"))) == ("AA", "1")


def test_without_a_queue_messages_are_kept_and_answered(listen: Listen, queue: FakeQueue) -> None:
    queue.away = True
    client = listen().client()

    assert [answer(client.send(adt(str(n))))[0] for n in range(3)] == ["AA"] * 3

    queue.away = False
    assert answer(client.send(adt("4")))[0] == "AA"
    wait_for(lambda: queue.tickets == ["hl7"])


def test_connections_over_the_limit_are_closed_at_once(listen: Listen) -> None:
    running = listen(max_connections=1)
    first = running.client()
    assert answer(first.send(adt("1")))[0] == "AA"

    second = running.raw()

    assert read_all(second) == []
    assert answer(first.send(adt("2")))[0] == "AA"


def test_a_sender_with_too_many_unanswered_messages_has_to_wait(
    listen: Listen, inbox: FakeInbox
) -> None:
    gate = Gate(inbox)
    running = listen(gate, max_unanswered=3)
    sock = running.raw()
    sock.sendall(b"".join(frame(adt(str(n))) for n in range(3)))
    wait_for(lambda: running.metric("wherry_hl7_mllp_blocks_total") == 3)

    sock.sendall(frame(adt("3")))
    assert gate.entered.acquire(timeout=5)
    read_bytes = running.metric("wherry_hl7_mllp_read_bytes_total")
    for _ in range(9):
        gate.opened.release()
    deframer, ids = Deframer(), list[str]()
    while len(ids) < 4:
        ids += [
            answer(e.payload)[1] for e in deframer.feed(sock.recv(65536)) if isinstance(e, Block)
        ]

    assert read_bytes == 3 * len(frame(adt("0")))
    assert ids == ["0", "1", "2", "3"]


def test_draining_answers_what_is_in_hand_and_then_closes(listen: Listen, inbox: FakeInbox) -> None:
    gate = Gate(inbox)
    running = listen(gate)
    sock, idle = running.raw(), running.raw()
    sock.sendall(frame(adt("LAST")))
    assert gate.entered.acquire(timeout=5)

    draining = threading.Thread(target=running.drain)
    draining.start()
    assert read_all(idle) == []
    gate.opened.release()
    draining.join()

    assert [answer(ack) for ack in read_all(sock)] == [("AA", "LAST")]
    with pytest.raises(Failure) as refused:
        MllpClient("127.0.0.1", running.port, timeout_s=1)
    assert refused.value.kind is Kind.UNAVAILABLE


def test_draining_lets_a_block_in_hand_end(listen: Listen) -> None:
    running = listen()
    sock = running.raw()
    block = frame(adt("HALF"))
    sock.sendall(block[:20])
    wait_for(lambda: running.metric("wherry_hl7_mllp_read_bytes_total") == 20)

    draining = threading.Thread(target=running.drain)
    draining.start()
    wait_for(lambda: running.feed.draining)
    sock.sendall(block[20:])
    draining.join()

    assert [answer(ack) for ack in read_all(sock)] == [("AA", "HALF")]


def test_logs_and_metrics_hold_no_patient_data(
    listen: Listen, capfd: pytest.CaptureFixture[str]
) -> None:
    running = listen(stray_timeout_s=0.05, block_timeout_s=0.05, max_message_bytes=2000)
    secret = "SECRET^NAME"
    client = running.client()
    client.send(adt("1", body=f"PID|1||77||{secret}"))
    client.send(adt("1", body=f"PID|1||77||{secret}|" + "x" * 3000))
    client.send(secret.encode())
    for unframed in (secret.encode(), b"\x0b" + secret.encode()):
        sock = running.raw()
        sock.sendall(unframed)
        read_all(sock)

    written = "".join(capfd.readouterr())
    names = " ".join(str(metric) for metric in running.registry.collect())

    assert "mllp_bytes_not_framed" in written
    assert "SECRET" not in written + names
