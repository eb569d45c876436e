"""The same message again, and control ids used again. All messages here are synthetic."""

import pytest
from tests.hl7.mllp.harness import Listen, adt, answer

from wherry.hl7.mllp_client import MllpClient
from wherry.ports import State
from wherry.testing.inbox import FakeInbox
from wherry_hl7.mapping.profile import Acknowledge
from wherry_hl7.senders import Senders
from wherry_hl7.translate import Sender
from wherry_hl7.triage import Policy

OTHER = adt("1", body="PID|1||78^^^MAIN^MR")


def said(client: MllpClient, *messages: bytes) -> list[str]:
    return [answer(client.send(message))[0] for message in messages]


@pytest.mark.parametrize(
    ("message", "code"),
    [(adt("1"), "AA"), (adt("1", body="EVN|A01"), "AE"), (adt("1", "A99"), "AR")],
)
def test_the_same_message_gets_the_same_answer_and_is_kept_once(
    listen: Listen, inbox: FakeInbox, message: bytes, code: str
) -> None:
    running = listen()

    first = running.client().send(message)
    again = running.client().send(message)

    assert (answer(first), answer(again)) == ((code, "1"), (code, "1"))
    assert first.split(b"\r")[1:] == again.split(b"\r")[1:]
    assert [one.repeats for one in inbox.search()] == [1]
    assert running.metric("wherry_hl7_mllp_repeated_total") == 1


def test_a_flood_of_the_same_in_one_read_is_answered_each_time(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen().client()

    acks = list(client.send_all([adt("1")] * 20, window=20))

    assert [answer(ack) for ack in acks] == [("AA", "1")] * 20
    assert [one.repeats for one in inbox.search()] == [19]


def test_a_control_id_used_again_is_new_unless_the_sender_s_rules_say_otherwise(
    listen: Listen, inbox: FakeInbox, capfd: pytest.CaptureFixture[str]
) -> None:
    assert said(listen().client(), adt("1"), OTHER, OTHER) == ["AA", "AA", "AA"]
    assert [one.state for one in inbox.search()] == [State.WAITING, State.WAITING]
    assert "control_id_used_again" in "".join(capfd.readouterr())


def test_rejecting_a_control_id_that_is_used_again_says_so(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen(senders=Senders(Sender(duplicates="reject"))).client()
    client.send(adt("1"))

    first, again = client.send(OTHER), client.send(OTHER)

    assert (answer(first), answer(again)) == (("AE", "1"), ("AE", "1"))
    assert b"|205^Duplicate key identifier^HL70357|" in first
    assert first.split(b"\r")[1:] == again.split(b"\r")[1:]
    assert [(one.state, one.repeats) for one in inbox.search()] == [
        (State.WAITING, 0),
        (State.ASIDE, 1),
    ]


def test_replaying_answers_a_control_id_that_is_used_again_as_the_first_time(
    listen: Listen, inbox: FakeInbox
) -> None:
    client = listen(policy=Policy(duplicates="replay")).client()

    assert said(client, adt("1"), OTHER) == ["AA", "AA"]
    assert [(one.state, one.reason.partition(":")[0]) for one in inbox.search()] == [
        (State.WAITING, ""),
        (State.ASIDE, "duplicate"),
    ]


def test_what_was_refused_is_judged_again_when_the_rules_have_changed(
    listen: Listen, inbox: FakeInbox
) -> None:
    test_system = adt("1").replace(b"|P|2.5", b"|T|2.5")

    assert said(listen(policy=Policy(processing_ids=frozenset("P"))).client(), test_system) == [
        "AR"
    ]
    assert said(listen().client(), test_system, test_system) == ["AA", "AA"]
    assert [(one.state, one.repeats) for one in inbox.search()] == [
        (State.ASIDE, 0),
        (State.WAITING, 1),
    ]


def test_what_was_accepted_stays_accepted_when_the_rules_have_changed(
    listen: Listen, inbox: FakeInbox
) -> None:
    message = adt("1", body="EVN|A01")
    lenient = Senders(Sender(acknowledge=Acknowledge(content_error="AA")))

    assert said(listen(senders=lenient).client(), message) == ["AA"]
    assert said(listen().client(), message) == ["AA"]
    assert len(inbox.search()) == 1
