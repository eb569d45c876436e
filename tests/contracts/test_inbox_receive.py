"""What `Inbox.receive` and `standing` promise, on the fake, SQLite and PostgreSQL.

All messages are synthetic.
"""

from dataclasses import replace

import pytest

from wherry.desk import InboxDesk
from wherry.ports import Arrival, Inbox, Outcome, Receipt, Reuse, Standing, State

FIRST = Arrival(
    "hl7", b"SYNTHETIC 1", "mllp", "APP|FAC", "ADT^A01", "C-1", ("patient",), answer="AA"
)
OTHER = replace(FIRST, body=b"SYNTHETIC 2")


def test_what_is_new_is_kept_with_its_answer(inbox: Inbox, desk: InboxDesk) -> None:
    refused = replace(OTHER, control_id="C-2", aside="content", answer="AE 101")

    receipts = inbox.receive([FIRST, refused])

    one, two = (receipt.id for receipt in receipts)
    assert receipts == [Receipt(one, "AA"), Receipt(two, "AE 101")]
    assert [(kept.body, kept.answer, kept.repeats) for kept in desk.search()] == [
        (b"SYNTHETIC 1", "AA", 0),
        (b"SYNTHETIC 2", "AE 101", 0),
    ]
    assert one < two


def test_the_same_again_is_counted_and_not_kept(inbox: Inbox, desk: InboxDesk) -> None:
    [first] = inbox.receive([FIRST])

    again = inbox.receive([FIRST, replace(FIRST, answer="AR 202", aside="rules have changed")])

    assert again == [replace(first, repeated=True)] * 2
    assert [(kept.id, kept.repeats) for kept in desk.search()] == [(first.id, 2)]


def test_the_same_twice_in_one_group_is_kept_once(inbox: Inbox, desk: InboxDesk) -> None:
    first, second, third = inbox.receive([FIRST, FIRST, replace(FIRST, control_id="C-2")])

    assert (second, third.repeated) == (replace(first, repeated=True), False)
    assert [(kept.id, kept.control_id, kept.repeats) for kept in desk.search()] == [
        (first.id, "C-1", 1),
        (third.id, "C-2", 0),
    ]


@pytest.mark.parametrize("change", ["source", "channel", "sender", "control_id"])
def test_only_the_same_sender_and_control_id_make_it_the_same(inbox: Inbox, change: str) -> None:
    inbox.receive([FIRST])

    other = Arrival(**{**{name: getattr(FIRST, name) for name in FIRST.__slots__}, change: "x"})

    [receipt] = inbox.receive([other])
    assert (receipt.repeated, receipt.reused) == (False, False)


def test_without_a_control_id_everything_is_new(inbox: Inbox, desk: InboxDesk) -> None:
    nameless = replace(FIRST, control_id="")

    receipts = inbox.receive([nameless, nameless]) + inbox.receive([nameless])

    assert [receipt.repeated for receipt in receipts] == [False] * 3
    assert len(desk.search()) == 3


def test_a_control_id_used_again_is_kept_and_said(inbox: Inbox, desk: InboxDesk) -> None:
    inbox.receive([FIRST])

    [other] = inbox.receive([OTHER])
    again = inbox.receive([OTHER, FIRST])

    assert (other.repeated, other.reused, other.answer) == (False, True, "AA")
    assert [receipt.repeated for receipt in again] == [True, True]
    assert [kept.state for kept in desk.search()] == [State.WAITING, State.WAITING]


@pytest.mark.parametrize(
    ("rules", "answer"),
    [(Reuse("duplicate: refused", "AE 205"), "AE 205"), (Reuse("duplicate: kept"), "AA")],
)
@pytest.mark.parametrize("together", [True, False])
def test_a_sender_s_rules_set_a_control_id_used_again_aside(
    inbox: Inbox, desk: InboxDesk, rules: Reuse, answer: str, together: bool
) -> None:
    other = replace(OTHER, reused=rules)
    groups = [[FIRST, other]] if together else [[FIRST], [other]]

    receipts = [receipt for group in groups for receipt in inbox.receive(group)]
    again = inbox.receive([other])

    assert [(one.answer, one.reused) for one in receipts] == [("AA", False), (answer, True)]
    assert again == [Receipt(receipts[1].id, answer, repeated=True)]
    assert [(kept.state, kept.reason) for kept in desk.search()] == [
        (State.WAITING, ""),
        (State.ASIDE, rules.aside),
    ]


def test_what_was_refused_and_would_not_be_now_is_new(inbox: Inbox, desk: InboxDesk) -> None:
    refused = replace(FIRST, aside="unsupported", answer="AR 200")
    inbox.receive([refused, refused])

    [accepted] = inbox.receive([FIRST])
    [again] = inbox.receive([FIRST])

    assert (accepted.repeated, accepted.reused, accepted.answer) == (False, False, "AA")
    assert again == Receipt(accepted.id, "AA", repeated=True)
    assert [(kept.state, kept.repeats) for kept in desk.search()] == [
        (State.ASIDE, 1),
        (State.WAITING, 1),
    ]


def test_receiving_nothing_is_nothing(inbox: Inbox, desk: InboxDesk) -> None:
    assert inbox.receive([]) == []
    assert desk.counts() == {}


def test_standing_tells_where_messages_are(inbox: Inbox) -> None:
    one, two, three = inbox.keep([FIRST, OTHER, replace(FIRST, aside="for a person")])
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)
    assert claim is not None
    inbox.settle(claim, [Outcome(one, State.DONE)])

    assert inbox.standing([one, two, three, three + 1]) == {
        one: Standing(State.DONE),
        two: Standing(State.WAITING),
        three: Standing(State.ASIDE, "for a person"),
    }
    assert inbox.standing([]) == {}
