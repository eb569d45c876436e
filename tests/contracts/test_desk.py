"""What `Desk` promises of operators' deeds and of standings, on the fake, SQLite and PostgreSQL."""

from datetime import timedelta

import pytest

from wherry.desk import Desk, What
from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Inbox, Outcome, State

SYNTHETIC = b"MSH|^~\\&|SYNTHETIC|WARD\rPID|1||42^^^SYNTHETIC\r"


def arrival(sender: str = "WARD", *, aside: str = "") -> Arrival:
    return Arrival("hl7", SYNTHETIC, sender=sender, keys=("patient",), aside=aside)


def settle(inbox: Inbox, state: State, reason: str = "") -> None:
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)
    assert claim is not None
    inbox.settle(claim, [Outcome(kept.id, state, reason) for kept in claim.messages])


def told(desk: Desk, message_id: int = 0) -> list[tuple[str, What, int, str]]:
    return [(d.who, d.what, d.message_id, d.note) for d in desk.audit(message_id=message_id)]


def test_a_body_is_revealed_with_an_audit_row(inbox: Inbox, desk: Desk) -> None:
    [id_] = inbox.keep([arrival()])

    kept = desk.reveal(id_, who="ann", note="ticket 7")

    assert kept.body == SYNTHETIC
    assert told(desk) == [("ann", What.REVEAL, id_, "ticket 7")]
    assert desk.audit()[0].at >= kept.received_at


def test_nothing_is_revealed_or_noted_of_an_unknown_message(desk: Desk) -> None:
    with pytest.raises(Failure) as raised:
        desk.reveal(99, who="ann")

    assert (raised.value.kind, desk.audit()) == (Kind.NOT_FOUND, [])


def test_looking_at_a_message_without_revealing_it_is_not_noted(inbox: Inbox, desk: Desk) -> None:
    [id_] = inbox.keep([arrival()])

    desk.get(id_)
    desk.search()

    assert desk.audit() == []


def test_each_replayed_message_leaves_a_row_and_others_none(inbox: Inbox, desk: Desk) -> None:
    aside, waiting, other = inbox.keep([arrival(aside="x"), arrival(), arrival(aside="y")])

    count = desk.replay([aside, waiting, other, 999], who="ann")

    assert count == 2
    assert told(desk) == [("ann", What.REPLAY, aside, ""), ("ann", What.REPLAY, other, "")]
    assert told(desk, other) == [("ann", What.REPLAY, other, "")]


def test_a_message_seen_to_is_done_and_says_what_was_wrong(inbox: Inbox, desk: Desk) -> None:
    aside, waiting = inbox.keep([arrival(aside="unsupported: ZZZ^Z01"), arrival()])

    count = desk.handle([aside, waiting, 999], who="ann", note="entered by hand")

    handled = desk.get(aside)
    assert (count, handled.state) == (1, State.DONE)
    assert handled.reason == "handled: unsupported: ZZZ^Z01"
    assert desk.get(waiting).state is State.WAITING
    assert told(desk) == [("ann", What.HANDLE, aside, "entered by hand")]


def test_a_message_seen_to_can_be_replayed_all_the_same(inbox: Inbox, desk: Desk) -> None:
    [id_] = inbox.keep([arrival(aside="x")])
    desk.handle([id_], who="ann", note="mistaken")

    assert desk.replay([id_], who="bob") == 1
    assert (desk.get(id_).state, desk.get(id_).reason) == (State.WAITING, "")


@pytest.mark.parametrize("note", ["", "  "])
def test_nothing_is_marked_without_a_note(inbox: Inbox, desk: Desk, note: str) -> None:
    [id_] = inbox.keep([arrival(aside="x")])

    with pytest.raises(Failure) as raised:
        desk.handle([id_], who="ann", note=note)

    assert (raised.value.kind, raised.value.at) == (Kind.INVALID, "note")
    assert (desk.get(id_).state, desk.audit()) == (State.ASIDE, [])


def test_the_audit_comes_in_pages(inbox: Inbox, desk: Desk) -> None:
    ids = inbox.keep([arrival(aside="x") for _ in range(3)])
    desk.replay(ids, who="ann")

    first = desk.audit(limit=2)
    rest = desk.audit(after=first[-1].id, limit=2)

    assert [deed.message_id for deed in [*first, *rest]] == ids


def test_messages_are_found_by_time(inbox: Inbox, desk: Desk) -> None:
    [id_] = inbox.keep([arrival()])
    at, moment = desk.get(id_).received_at, timedelta(seconds=1)

    found = [
        [kept.id for kept in desk.search(since=since, until=until)]
        for since, until in [
            (at - moment, None),
            (None, at + moment),
            (at + moment, None),
            (None, at - moment),
        ]
    ]

    assert found == [[id_], [id_], [], []]


def test_a_sender_stands_as_its_messages_do(inbox: Inbox, desk: Desk) -> None:
    inbox.keep([arrival("LAB"), arrival("WARD"), arrival("LAB", aside="not_hl7")])
    settle(inbox, State.DONE)
    ids = inbox.keep([arrival("LAB")])

    lab, ward = desk.standings()

    assert (lab.source, lab.sender, lab.received, lab.last_id) == ("hl7", "LAB", 3, ids[-1])
    assert (lab.waiting, lab.aside, lab.done, lab.aside_so_far) == (1, 1, 1, 0)
    assert lab.first_at <= lab.last_at
    assert lab.ended_at is not None
    assert (ward.sender, ward.received, ward.waiting, ward.ended_at) == ("WARD", 1, 1, None)
    assert lab.oldest_waiting_s >= 0
    assert lab.lag_s >= 0


def test_a_sender_of_an_empty_inbox_has_no_standing(desk: Desk) -> None:
    assert (desk.standings(), desk.asides()) == ([], {})


def test_what_lies_aside_is_counted_by_sender_and_class(inbox: Inbox, desk: Desk) -> None:
    inbox.keep([arrival("LAB", aside="not_hl7"), arrival("WARD", aside="unsupported: ZZZ^Z01")])
    inbox.keep([arrival("WARD", aside="unsupported: QRY^Q01"), arrival("LAB")])
    settle(inbox, State.ASIDE, "invalid at PID-7: made up")

    assert desk.asides() == {
        ("hl7", "WARD", "unsupported"): 2,
        ("hl7", "LAB", "not_hl7"): 1,
        ("hl7", "LAB", "invalid"): 1,
    }


def test_messages_that_go_back_to_waiting_have_not_ended(inbox: Inbox, desk: Desk) -> None:
    inbox.keep([arrival("LAB")])
    settle(inbox, State.WAITING, "unavailable")

    [lab] = desk.standings()

    assert (lab.waiting, lab.done, lab.aside_so_far, lab.ended_at) == (1, 0, 0, None)


def test_counts_follow_a_message_through_all_states(inbox: Inbox, desk: Desk) -> None:
    seen = []
    [id_] = inbox.keep([arrival()])
    seen.append(dict(desk.counts()))
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)
    assert claim is not None
    seen.append(dict(desk.counts()))
    inbox.settle(claim, [Outcome(id_, State.ASIDE, "x")])
    seen.append(dict(desk.counts()))
    desk.handle([id_], who="ann", note="seen to")
    seen.append(dict(desk.counts()))

    states = (State.WAITING, State.CLAIMED, State.ASIDE, State.DONE)
    assert seen == [{("hl7", state): 1} for state in states]


def test_the_character_set_that_the_carrier_named_is_kept(inbox: Inbox, desk: Desk) -> None:
    [id_] = inbox.keep([Arrival("hl7", SYNTHETIC, charset="cp1252")])

    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)

    assert claim is not None
    assert [desk.get(id_).charset, claim.messages[0].charset] == ["cp1252", "cp1252"]
