"""What `Inbox.keep` and `InboxDesk` promise, on the fake, SQLite and PostgreSQL."""

from datetime import UTC

import pytest

from wherry.desk import InboxDesk
from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Claim, Inbox, Kept, Outcome, State

SYNTHETIC = b"MSH|^~\\&|SYNTHETIC|WARD\rPID|1||42^^^SYNTHETIC\r\xff\x00\r"


def arrival(number: int, *, sender: str = "SYNTHETIC", aside: str = "") -> Arrival:
    return Arrival(
        source="hl7",
        body=SYNTHETIC + str(number).encode(),
        channel="mllp:2575",
        sender=sender,
        kind="ADT^A01",
        control_id=f"C{number}",
        keys=("patient-a", "patient-b"),
        aside=aside,
    )


def settled(inbox: Inbox, state: State, reason: str = "") -> Claim:
    claim = inbox.claim("hl7", owner="worker", limit=100, lease_s=60)
    assert claim is not None
    inbox.settle(claim, [Outcome(kept.id, state, reason) for kept in claim.messages])
    return claim


def test_a_kept_message_comes_back_as_it_came(inbox: Inbox, desk: InboxDesk) -> None:
    [id_] = inbox.keep([arrival(1)])

    kept = desk.get(id_)

    assert kept == Kept(
        id=id_,
        source="hl7",
        body=SYNTHETIC + b"1",
        channel="mllp:2575",
        sender="SYNTHETIC",
        kind="ADT^A01",
        control_id="C1",
        received_at=kept.received_at,
        state=State.WAITING,
        attempts=0,
        reason="",
        keys=("patient-a", "patient-b"),
    )
    assert kept.received_at.tzinfo is UTC


def test_ids_grow_in_the_order_of_arrival_over_many_groups(inbox: Inbox, desk: InboxDesk) -> None:
    groups = [inbox.keep([arrival(n * 3 + m) for m in range(3)]) for n in range(4)]

    ids = [id_ for group in groups for id_ in group]

    assert ids == sorted(set(ids))
    assert [kept.control_id for kept in desk.search()] == [f"C{n}" for n in range(12)]


def test_keeping_nothing_is_nothing(inbox: Inbox, desk: InboxDesk) -> None:
    assert inbox.keep([]) == []
    assert desk.counts() == {}


def test_a_message_kept_aside_is_not_lent(inbox: Inbox, desk: InboxDesk) -> None:
    [id_] = inbox.keep([arrival(1, aside="unsupported: ZZZ^Z01")])

    assert inbox.claim("hl7", owner="worker", limit=10, lease_s=60) is None
    assert (desk.get(id_).state, desk.get(id_).reason) == (State.ASIDE, "unsupported: ZZZ^Z01")


@pytest.mark.parametrize("text", ["NUL\x00NUL", "\ud800", "x" * 5000, "'; DROP TABLE message; --"])
def test_no_header_text_keeps_a_message_out(inbox: Inbox, desk: InboxDesk, text: str) -> None:
    [id_] = inbox.keep([Arrival("hl7", b"synthetic", text, text, text, text, ("key",))])

    assert desk.get(id_).body == b"synthetic"


def test_an_unknown_id_is_not_found(desk: InboxDesk) -> None:
    for id_ in (1, 0, -1, 2**80):
        with pytest.raises(Failure) as failure:
            desk.get(id_)
        assert failure.value.kind is Kind.NOT_FOUND


def test_search_narrows_by_state_sender_reason_id_and_limit(inbox: Inbox, desk: InboxDesk) -> None:
    one, two, three, four = inbox.keep(
        [
            arrival(1, sender="LAB", aside="unsupported: ZZZ"),
            arrival(2, sender="LAB", aside="invalid: PID-3"),
            arrival(3, sender="ADT", aside="unsupported: 100%_of"),
            arrival(4, sender="ADT"),
        ]
    )

    found = [
        [kept.id for kept in desk.search(state=State.ASIDE)],
        [kept.id for kept in desk.search(state=State.WAITING)],
        [kept.id for kept in desk.search(sender="LAB")],
        [kept.id for kept in desk.search(reason="unsupported")],
        [kept.id for kept in desk.search(reason="Unsupported")],
        [kept.id for kept in desk.search(reason="unsupported: 100%_")],
        [kept.id for kept in desk.search(reason="%")],
        [kept.id for kept in desk.search(after=two)],
        [kept.id for kept in desk.search(limit=2)],
        [kept.id for kept in desk.search(state=State.ASIDE, sender="LAB", reason="invalid")],
    ]

    assert found == [
        [one, two, three],
        [four],
        [one, two],
        [one, three],
        [],
        [three],
        [],
        [three, four],
        [one, two],
        [two],
    ]


def test_counts_are_by_source_and_state(inbox: Inbox, desk: InboxDesk) -> None:
    inbox.keep([arrival(1), arrival(2), Arrival("devices", b"synthetic"), arrival(3, aside="x")])

    assert dict(desk.counts()) == {
        ("hl7", State.WAITING): 2,
        ("devices", State.WAITING): 1,
        ("hl7", State.ASIDE): 1,
    }


def test_nothing_waits_when_all_is_finished(inbox: Inbox, desk: InboxDesk) -> None:
    inbox.keep([arrival(1), arrival(2, aside="for a person")])
    settled(inbox, State.DONE)

    assert desk.oldest_waiting_s() == 0


@pytest.mark.parametrize("state", [State.DONE, State.ASIDE])
def test_a_finished_message_is_lent_again_after_replay(
    inbox: Inbox, desk: InboxDesk, state: State
) -> None:
    [id_] = inbox.keep([arrival(1)])
    settled(inbox, State.WAITING)
    settled(inbox, state, "a reason")

    replayed = desk.replay([id_, id_, 999, 2**80])

    assert replayed == 1
    assert (desk.get(id_).state, desk.get(id_).attempts, desk.get(id_).reason) == (
        State.WAITING,
        0,
        "",
    )
    assert [kept.id for kept in settled(inbox, State.DONE).messages] == [id_]


def test_an_unfinished_message_is_not_replayed(inbox: Inbox, desk: InboxDesk) -> None:
    waiting, claimed = inbox.keep([arrival(1), Arrival("devices", b"synthetic")])
    inbox.claim("devices", owner="worker", limit=1, lease_s=60)

    assert desk.replay([waiting, claimed]) == 0
    assert desk.get(claimed).state is State.CLAIMED


def test_a_replayed_message_goes_before_later_ones_of_its_patient(
    inbox: Inbox, desk: InboxDesk
) -> None:
    first, second = inbox.keep([arrival(1), arrival(2)])
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)
    assert claim is not None
    inbox.settle(claim, [Outcome(first, State.ASIDE, "for a person")])
    desk.replay([first])

    again = inbox.claim("hl7", owner="worker", limit=10, lease_s=60)

    assert again is not None
    assert [kept.id for kept in again.messages] == [first, second]


def test_no_text_of_a_message_shows_its_body(inbox: Inbox) -> None:
    inbox.keep([arrival(1)])
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)

    assert "42^^^" not in f"{arrival(1)!r} {claim!r}"


def test_one_source_can_be_asked_for_alone(inbox: Inbox, desk: InboxDesk) -> None:
    inbox.keep([Arrival("devices", b"synthetic")])

    assert desk.oldest_waiting_s("hl7") == 0
    assert desk.oldest_waiting_s("devices") == pytest.approx(desk.oldest_waiting_s(), abs=1)
