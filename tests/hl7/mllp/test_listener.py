"""The MLLP listener over real sockets: kept, then answered. All messages are synthetic."""

import socket
import threading

import pytest
from tests.hl7.mllp.harness import Gate, Listen, adt, answer, kept, wait_for

from wherry.hl7.framing import frame
from wherry.ports import State
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue


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


def test_our_control_ids_fit_every_version_of_hl7_and_never_come_twice(listen: Listen) -> None:
    acks = list(listen().client().send_all((adt(str(n)) for n in range(50)), window=50))

    ids = {ack.split(b"\r")[0].split(b"|")[9] for ack in acks}

    assert len(ids) == 50
    assert {len(id_) for id_ in ids} == {20}


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


@pytest.mark.parametrize("keep_alive", [b"", b"\r\n", b"\x00", b"\n\n", b"\x0b\x1c\r"])
def test_between_blocks_there_is_no_time_limit(listen: Listen, keep_alive: bytes) -> None:
    sock = listen(block_timeout_s=0.05, stray_timeout_s=0.05).raw()

    for id_ in ("1", "2"):
        sock.sendall(keep_alive + frame(adt(id_)))
        assert answer(sock.recv(65536)[1:]) == ("AA", id_)
        sock.sendall(keep_alive)
        threading.Event().wait(0.3)


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


def test_a_block_with_two_messages_is_kept_as_two_and_answered_once(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen().client()

    ack = client.send(adt("A") + adt("B", "A03"))

    assert answer(ack) == ("AA", "A")
    assert [row[:2] for row in kept(inbox)] == [("A", "ADT^A01"), ("B", "ADT^A03")]
    assert answer(client.send(adt("C"))) == ("AA", "C")
