"""The MLLP listener under outage, load and shutdown. All messages here are synthetic."""

import threading

import pytest
from tests.hl7.mllp.harness import Gate, Listen, adt, answer, read_all, wait_for

from wherry.errors import Failure, Kind
from wherry.hl7.framing import Block, Deframer, frame
from wherry.hl7.mllp_client import MllpClient
from wherry.testing.inbox import FakeInbox
from wherry.testing.queue import FakeQueue


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
