"""Who is answered what, and when, over real sockets. All messages here are synthetic."""

from pathlib import Path

import pytest
from tests.hl7.mllp.harness import Gate, Listen, Running, adt, answer, read_all, wait_for

from wherry.hl7.framing import frame
from wherry.ports import Outcome, State
from wherry.testing.inbox import FakeInbox
from wherry_hl7.mapping.profile import Acknowledge
from wherry_hl7.senders import Known, Senders, load
from wherry_hl7.translate import Sender
from wherry_hl7.triage import Policy


def enhanced(id_: str, accept: str, application: str, **given: str) -> bytes:
    return adt(id_, **given).replace(b"|2.5\r", f"|2.5|||{accept}|{application}\r".encode(), 1)


def answers(running: Running, *blocks: bytes) -> list[tuple[str, str]]:
    """Every answer until the listener closes, after the sender has sent all and stopped."""
    sock = running.raw()
    sock.sendall(b"".join(map(frame, blocks)))
    sock.shutdown(1)
    return [answer(ack) for ack in read_all(sock)]


def settle(inbox: FakeInbox, state: State, reason: str = "") -> None:
    claim = inbox.claim("hl7", owner="worker", limit=10, lease_s=60)
    assert claim is not None
    inbox.settle(claim, [Outcome(one.id, state, reason) for one in claim.messages])


def test_both_levels_are_answered_on_the_same_connection_in_order(listen: Listen) -> None:
    got = answers(
        listen(),
        enhanced("1", "AL", "AL"),
        enhanced("2", "AL", "NE"),
        enhanced("3", "NE", "NE"),
        enhanced("4", "NE", "AL"),
        enhanced("5", "AL", "AL", body="EVN|A01"),
        enhanced("6", "AL", "AL", event="A99"),
        adt("7"),
    )

    assert got == [
        ("CA", "1"), ("AA", "1"), ("CA", "2"), ("AA", "4"),
        ("CA", "5"), ("AE", "5"), ("CR", "6"), ("AA", "7"),
    ]  # fmt: skip


def test_a_message_that_wants_no_answer_is_kept(listen: Listen, inbox: FakeInbox) -> None:
    assert answers(listen(), enhanced("1", "NE", "NE")) == []
    assert [one.control_id for one in inbox.search()] == ["1"]


@pytest.mark.parametrize(
    ("said", "content", "kind"),
    [
        (Acknowledge(), "AE", "AR"),
        (Acknowledge(content_error="AA"), "AA", "AR"),
        (Acknowledge(unsupported="AE"), "AE", "AE"),
        (Acknowledge(content_error="AA", unsupported="AA"), "AA", "AA"),
    ],
)
def test_a_profile_decides_how_its_sender_is_refused(
    listen: Listen, inbox: FakeInbox, said: Acknowledge, content: str, kind: str
) -> None:
    known = Known(Sender("adt", acknowledge=said), {"MSH-3": frozenset({"ADT"})})
    running = listen(senders=Senders(known=(known,)))

    got = answers(running, adt("1", body="EVN|A01"), adt("2", "A99"))

    assert got == [(content, "1"), (kind, "2")]
    assert [one.state for one in inbox.search()] == [State.ASIDE, State.ASIDE]


def test_a_profile_names_its_patients(listen: Listen, inbox: FakeInbox, tmp_path: Path) -> None:
    (tmp_path / "adt.yaml").write_text(
        'match: {MSH-3: ADT}\nidentity: {patient: ["@B"]}\nunidentified: true\n'
    )
    running = listen(senders=load(str(tmp_path)))

    got = answers(
        running, adt("1", body="PID|1||5^^^A^MR~6^^^B^PI"), adt("2", body="PID|1||6^^^B^PI"),
        adt("3", body="PID|1||||DOE^SYNTHETIC"),
    )  # fmt: skip

    assert [code for code, _ in got] == ["AA", "AA", "AA"]
    one, two, nobody = (message.keys for message in inbox.search())
    assert (one, nobody) == (two, ())


def test_whoever_waits_for_the_translation_hears_where_it_failed(
    listen: Listen, inbox: FakeInbox
) -> None:
    strict = Sender("strict", conformance={"segment-missing": "error"})
    running = listen(policy=Policy(on="converted"), senders=Senders(strict))
    client = running.client()

    good = client.send(adt("1", body="EVN|A01|2024\rPID|1||77^^^MAIN^MR||A\rPV1|1|I"))
    bad = client.send(adt("2"))

    assert (answer(good), answer(bad)) == (("AA", "1"), ("AE", "2"))
    assert b"ERR||" in bad
    assert b"^207" not in bad.split(b"ERR||")[1].split(b"|")[0]
    assert [(one.state, one.reason.split(":")[0]) for one in inbox.search()] == [
        (State.WAITING, ""),
        (State.ASIDE, inbox.get(2).reason.split(":")[0]),
    ]
    assert inbox.get(2).reason.startswith("unprocessable at ")
    assert inbox.get(2).answer == "AE 207"


def test_messages_behind_one_that_is_translated_keep_their_order(
    listen: Listen, inbox: FakeInbox
) -> None:
    waits = Known(
        Sender("waits", acknowledge=Acknowledge(on="converted")), {"MSH-3": frozenset({"SLOW"})}
    )
    running = listen(senders=Senders(known=(waits,)))
    slow = adt("1").replace(b"|ADT|", b"|SLOW|", 1)

    got = answers(running, slow, adt("2"), slow.replace(b"|1|", b"|3|", 1), adt("4"))

    assert [id_ for _, id_ in got] == ["1", "2", "3", "4"]
    assert [one.control_id for one in inbox.search()] == ["1", "2", "3", "4"]


def test_whoever_waits_for_the_store_is_answered_when_it_is_done(
    listen: Listen, inbox: FakeInbox
) -> None:
    running = listen(policy=Policy(on="stored"))
    sock = running.raw()
    sock.sendall(frame(adt("1")) + frame(enhanced("2", "AL", "AL")))
    sock.shutdown(1)
    wait_for(lambda: len(inbox.search()) == 2)
    sock.settimeout(0.1)
    with pytest.raises(TimeoutError):
        sock.recv(1)

    settle(inbox, State.DONE)
    sock.settimeout(5)

    assert [answer(ack) for ack in read_all(sock)] == [("AA", "1"), ("CA", "2"), ("AA", "2")]


def test_whoever_waits_for_the_store_hears_the_place_and_not_the_reason(
    listen: Listen, inbox: FakeInbox
) -> None:
    sock = listen(policy=Policy(on="stored")).raw()
    sock.sendall(frame(adt("1")))
    sock.shutdown(1)
    wait_for(lambda: len(inbox.search()) == 1)

    settle(inbox, State.ASIDE, "unprocessable at PID-7: SECRET")
    [ack] = read_all(sock)

    assert answer(ack) == ("AE", "1")
    assert b"ERR||PID^1^7|207^" in ack
    assert b"SECRET" not in ack


def test_the_accept_level_does_not_wait_for_the_store(listen: Listen) -> None:
    client = listen(policy=Policy(on="stored")).client()

    assert answer(client.send(enhanced("1", "AL", "NE"))) == ("CA", "1")


def test_whoever_waits_too_long_is_cut_off_and_answered_when_it_comes_again(
    listen: Listen, inbox: FakeInbox
) -> None:
    running = listen(policy=Policy(on="stored"), stored_timeout_s=0.05)

    assert answers(running, adt("1")) == []
    assert running.metric("wherry_hl7_mllp_dropped_total", reason="not_stored_in_time") == 1
    settle(inbox, State.DONE)
    assert answers(running, adt("1")) == [("AA", "1")]
    assert [one.repeats for one in inbox.search()] == [1]


def test_draining_waits_for_what_is_to_be_stored(listen: Listen, inbox: FakeInbox) -> None:
    gate = Gate(inbox)
    running = listen(gate, policy=Policy(on="stored"))
    sock = running.raw()
    gate.opened.release()
    sock.sendall(frame(adt("1")))
    wait_for(lambda: len(inbox.search()) == 1)

    settle(inbox, State.DONE)
    running.drain()

    assert [answer(ack) for ack in read_all(sock)] == [("AA", "1")]


def test_by_mllp_release_2_blocks_are_confirmed_beside_their_answers(
    listen: Listen, inbox: FakeInbox
) -> None:
    running = listen()
    running.feed.commit_ack = True
    sock = running.raw()

    sock.sendall(frame(adt("1")) + frame(b"\x06") + frame(adt("2")))
    sock.shutdown(1)
    first, ack, second, last = read_all(sock)
    inbox.away = True
    third = running.raw()
    third.sendall(frame(adt("3")))

    assert (first, answer(ack), second, answer(last)) == (
        b"\x06",
        ("AA", "1"),
        b"\x06",
        ("AA", "2"),
    )
    assert read_all(third) in ([b"\x15"], [])
