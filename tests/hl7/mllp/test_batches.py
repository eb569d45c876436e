"""Several messages in one block, with and without an envelope. All messages are synthetic."""

import pytest
from tests.hl7.mllp.harness import Listen, adt, answer, read_all

from wherry.hl7.batch import read
from wherry.hl7.framing import frame
from wherry.ports import Outcome, State
from wherry.testing.inbox import FakeInbox
from wherry_hl7.triage import Policy

BAD = adt("2", body="EVN|A01")
BHS = b"BHS|^~\\&|ADT|HOSP|EHR|NORTH|2024||||B-7\r"
BATCH = b"FHS|^~\\&|ADT|HOSP\r" + BHS + adt("1") + BAD + adt("3") + b"BTS|3\rFTS|1\r"


def test_a_batch_is_answered_with_a_batch_and_a_bad_message_stops_no_other(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen().client()

    ack = client.send(BATCH)

    lines = ack.split(b"\r")
    assert lines[0].startswith(b"BHS|^~\\&|EHR|NORTH|ADT|HOSP|")
    assert lines[0].endswith(b"|B-7")
    assert lines[-2] == b"BTS|3"
    assert [answer(one) for one in read(ack).bodies] == [("AA", "1"), ("AE", "2"), ("AA", "3")]
    assert [one.state for one in inbox.search()] == [State.WAITING, State.ASIDE, State.WAITING]
    assert answer(client.send(adt("4"))) == ("AA", "4")


def test_messages_without_an_envelope_are_answered_in_one_block(listen: Listen) -> None:
    client = listen().client()

    ack = client.send(adt("1") + BAD)

    assert [answer(one) for one in read(ack).bodies] == [("AA", "1"), ("AE", "2")]
    assert answer(client.send(adt("3"))) == ("AA", "3")


def test_a_profile_may_want_one_answer_for_each_message(listen: Listen) -> None:
    sock = listen(policy=Policy(batch="each")).raw()

    sock.sendall(frame(adt("1") + BAD) + frame(adt("3")))
    sock.shutdown(1)

    assert [answer(ack) for ack in read_all(sock)] == [("AA", "1"), ("AE", "2"), ("AA", "3")]


def test_a_wrong_count_is_a_warning(
    listen: Listen, inbox: FakeInbox, capfd: pytest.CaptureFixture[str]
) -> None:
    ack = listen().client().send(BATCH.replace(b"BTS|3", b"BTS|4"))

    assert ack.split(b"\r")[-2] == b"BTS|3|BTS-1 says 4, there are 3"
    assert len(inbox.search()) == 3
    assert "batch_miscounted" in "".join(capfd.readouterr())


def test_an_empty_batch_is_legal(listen: Listen, inbox: FakeInbox) -> None:
    ack = listen().client().send(BHS + b"BTS|0\r")

    assert ack.split(b"\r")[1:] == [b"BTS|0", b""]
    assert inbox.search() == []


def test_a_batch_that_is_sent_again_is_answered_again_and_not_kept(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen().client()

    first, again = client.send(BATCH), client.send(BATCH)

    assert [answer(one) for one in read(again).bodies] == [
        answer(one) for one in read(first).bodies
    ]
    assert [one.repeats for one in inbox.search()] == [1, 1, 1]


def test_a_batch_waits_for_all_its_messages_to_be_stored(listen: Listen, inbox: FakeInbox) -> None:
    running = listen(policy=Policy(on="stored"))
    sock = running.raw()
    sock.sendall(frame(BATCH))
    claim = None
    while claim is None:
        claim = inbox.claim("hl7", owner="worker", limit=10, lease_s=60)
    one, three = claim.messages
    inbox.settle(
        claim, [Outcome(one.id, State.DONE), Outcome(three.id, State.ASIDE, "fault: KeyError")]
    )

    sock.shutdown(1)
    [ack] = read_all(sock)

    assert [answer(one) for one in read(ack).bodies] == [("AA", "1"), ("AE", "2"), ("AE", "3")]
