"""What the MLLP listener does with what is no message. All messages here are synthetic."""

import socket

import pytest
from tests.hl7.mllp.harness import Listen, adt, answer, kept, read_all

from wherry.hl7.framing import frame
from wherry.ports import State
from wherry.testing.inbox import FakeInbox
from wherry_hl7.triage import Policy


@pytest.mark.parametrize(
    ("payload", "code", "reason"),
    [
        (adt("1", "A99"), "AR", "unsupported: ADT^A99"),
        (adt("1").replace(b"ADT^A01", b"BPS^O29"), "AR", "unsupported: BPS^O29"),
        (adt("1", body="EVN|A01"), "AE", "content: the PID segment is missing"),
        (adt("1").replace(b"|2.5\r", b"|3.0\r"), "AR", "unsupported: version"),
        (adt("1").replace(b"|P|2.5", b"|X|2.5"), "AR", "unsupported: processing id"),
        (adt("1") + b"DSC|more-follows\r", "AR", "unsupported: DSC"),
        (adt("1") + b"ADD|1\r", "AR", "unsupported: ADD"),
    ],
)
def test_what_cannot_be_translated_is_refused_and_kept(
    listen: Listen, inbox: FakeInbox, payload: bytes, code: str, reason: str
) -> None:
    ack = listen().client().send(payload)

    assert answer(ack) == (code, "1")
    assert [(m.state, m.reason, m.body) for m in inbox.search()] == [(State.ASIDE, reason, payload)]


def test_utf_16_is_refused_and_kept_because_its_bytes_may_end_a_block(
    listen: Listen, inbox: FakeInbox
) -> None:
    wide = adt("1").decode().encode("utf-16-le")

    ack = listen().client().send(wide)

    assert answer(ack) == ("AR", "")
    assert [(m.reason, m.body) for m in inbox.search()] == [("not_hl7", wide)]


def test_a_continuation_pointer_without_a_continuation_is_taken(listen: Listen) -> None:
    pointed = adt("1").replace(b"|P|2.5", b"|P|2.5||N")

    assert answer(listen().client().send(pointed)) == ("AA", "1")


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


def test_a_bug_in_triage_is_answered_and_the_message_kept_for_a_person(
    listen: Listen, inbox: FakeInbox
) -> None:
    broken = Policy(processing_ids=None)  # type: ignore[arg-type]  # what makes triage crash

    ack = listen(policy=broken).client().send(adt("M-6"))

    assert answer(ack) == ("AE", "M-6")
    assert [(m.state, m.reason) for m in inbox.search()] == [(State.ASIDE, "fault: triage")]


def test_a_sender_that_goes_inside_a_block_leaves_nothing_but_a_count(
    listen: Listen, inbox: FakeInbox
) -> None:
    running = listen()
    sock = running.raw()

    sock.sendall(b"\x0b" + adt())
    sock.shutdown(socket.SHUT_WR)

    assert read_all(sock) == []
    assert kept(inbox) == []
    assert running.metric("wherry_hl7_mllp_dropped_total", reason="closed_inside_block") == 1
