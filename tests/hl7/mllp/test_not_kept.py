"""A commit fails while more waits behind it: nothing overtakes. All messages are synthetic."""

from tests.hl7.mllp.harness import Gate, Listen, adt, answer, kept, read_all, wait_for

from wherry.hl7.framing import frame
from wherry.testing.inbox import FakeInbox
from wherry_hl7.triage import Policy


def test_what_waits_behind_a_commit_that_failed_is_not_kept_before_it(
    listen: Listen, inbox: FakeInbox
) -> None:
    gate = Gate(inbox)
    running = listen(gate)
    sock = running.raw()
    sock.sendall(frame(adt("1")))
    assert gate.entered.acquire(timeout=5)
    sock.sendall(frame(adt("2")))
    wait_for(lambda: running.metric("wherry_hl7_mllp_blocks_total") == 2)

    inbox.away = True
    gate.opened.release()
    answers = read_all(sock)
    inbox.away = False
    gate.opened.release(3)

    assert (answers, kept(inbox)) == ([], [])
    client = running.client()
    assert [answer(client.send(adt(id_))) for id_ in ("1", "2")] == [("AA", "1"), ("AA", "2")]
    assert [id_ for id_, *_ in kept(inbox)] == ["1", "2"]


def test_what_is_still_being_translated_is_not_kept_after_one_before_it_was_not(
    listen: Listen, inbox: FakeInbox
) -> None:
    inbox.away = True
    running = listen(policy=Policy(on="converted"))
    sock = running.raw()

    sock.sendall(b"".join(frame(adt(str(n))) for n in range(20)))
    answers = read_all(sock)
    inbox.away = False

    client = running.client()
    assert answers == []
    assert [answer(client.send(adt(str(n))))[0] for n in range(20)] == ["AA"] * 20
    assert [id_ for id_, *_ in kept(inbox)] == [str(n) for n in range(20)]
