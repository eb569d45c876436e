"""What claims promise, on the fake, SQLite and PostgreSQL: order, one owner, take-over, fence."""

import pytest

from wherry.desk import InboxDesk
from wherry.ports import Arrival, Claim, Inbox, Outcome, State


def keep(inbox: Inbox, *keys: str) -> list[int]:
    """One message for each text; its words are the patient keys."""
    return inbox.keep([Arrival("hl7", b"synthetic", keys=tuple(text.split())) for text in keys])


def claimed(inbox: Inbox, limit: int = 10, lease_s: float = 3600) -> Claim:
    claim = inbox.claim("hl7", owner="worker", limit=limit, lease_s=lease_s)
    assert claim is not None
    return claim


def ids(claim: Claim | None) -> list[int]:
    return [kept.id for kept in claim.messages] if claim else []


def outcomes(claim: Claim, state: State = State.DONE) -> list[Outcome]:
    return [Outcome(id_, state) for id_ in ids(claim)]


def test_the_oldest_are_lent_first_and_no_more_than_the_limit(inbox: Inbox) -> None:
    kept = keep(inbox, "a", "b", "a", "c", "d")

    claims = [ids(claimed(inbox, limit=3)), ids(claimed(inbox, limit=3))]

    assert claims == [kept[:3], kept[3:]]


def test_nothing_to_lend_is_none(inbox: Inbox) -> None:
    keep(inbox, "a")
    claimed(inbox)

    assert inbox.claim("hl7", owner="other", limit=10, lease_s=60) is None


def test_a_claim_takes_from_its_source_only(inbox: Inbox) -> None:
    inbox.keep([Arrival("devices", b"synthetic", keys=("a",))])
    [hl7] = keep(inbox, "a")

    assert ids(claimed(inbox)) == [hl7]


def test_later_messages_of_a_lent_patient_wait_and_others_do_not(inbox: Inbox) -> None:
    first, _, other = keep(inbox, "a", "a", "b")

    assert ids(claimed(inbox, limit=1)) == [first]
    assert ids(claimed(inbox)) == [other]


def test_one_claim_may_hold_many_messages_of_one_patient_in_order(inbox: Inbox) -> None:
    kept = keep(inbox, "a", "a", "a", "b", "a")

    assert ids(claimed(inbox)) == kept


def test_the_next_of_a_patient_is_lent_once_the_first_is_done(inbox: Inbox) -> None:
    first, second = keep(inbox, "a", "a")
    claim = claimed(inbox, limit=1)

    settled = inbox.settle(claim, outcomes(claim))

    assert (settled, ids(claim), ids(claimed(inbox))) == (1, [first], [second])


def test_a_message_set_aside_lets_the_next_of_its_patient_pass(
    inbox: Inbox, desk: InboxDesk
) -> None:
    first, second = keep(inbox, "a", "a")
    inbox.settle(claimed(inbox, limit=1), [Outcome(first, State.ASIDE, "invalid: PID-3")])

    assert ids(claimed(inbox)) == [second]
    assert (desk.get(first).state, desk.get(first).reason) == (State.ASIDE, "invalid: PID-3")


def test_a_merge_waits_for_both_of_its_patients(inbox: Inbox) -> None:
    a, b, merge = keep(inbox, "a", "b", "a b")
    claims = [claimed(inbox, limit=1), claimed(inbox, limit=1)]

    blocked = [inbox.claim("hl7", owner="other", limit=10, lease_s=60)]
    inbox.settle(claims[0], outcomes(claims[0]))
    blocked += [inbox.claim("hl7", owner="other", limit=10, lease_s=60)]
    inbox.settle(claims[1], outcomes(claims[1]))

    assert (ids(claims[0]), ids(claims[1]), blocked) == ([a], [b], [None, None])
    assert ids(claimed(inbox)) == [merge]


def test_a_waiting_merge_holds_back_its_other_patient(inbox: Inbox) -> None:
    a, _, _, d = keep(inbox, "a", "a b", "b c", "d")

    assert ids(claimed(inbox, limit=1)) == [a]
    assert ids(claimed(inbox)) == [d]  # "b c" would overtake the merge that it comes after


def test_a_lent_merge_holds_back_both_of_its_patients(inbox: Inbox) -> None:
    merge, _, _, c = keep(inbox, "a b", "a", "b", "c")

    assert ids(claimed(inbox, limit=1)) == [merge]
    assert ids(claimed(inbox)) == [c]


def test_messages_without_a_patient_have_no_order(inbox: Inbox) -> None:
    first, second = keep(inbox, "", "")

    assert ids(claimed(inbox, limit=1)) == [first]
    assert ids(claimed(inbox, limit=1)) == [second]


@pytest.mark.parametrize("hot", ["hot", "hot hotter"])
def test_thousands_of_messages_of_one_patient_starve_nobody(inbox: Inbox, hot: str) -> None:
    kept = keep(inbox, hot, *[hot] * 3000, "b", "c")
    claimed(inbox, limit=1)

    assert ids(claimed(inbox, limit=10)) == kept[-2:]


def test_a_lease_that_ended_is_taken_over_and_counts_an_attempt(
    inbox: Inbox, desk: InboxDesk
) -> None:
    keep(inbox, "a", "a", "b")
    dead = claimed(inbox, limit=2, lease_s=0)

    taken = claimed(inbox)

    assert ids(taken) == [1, 2, 3]
    assert [kept.attempts for kept in taken.messages] == [1, 1, 0]
    assert [kept.attempts for kept in dead.messages] == [0, 0]
    assert taken.token != dead.token


def test_a_worker_whose_claim_was_taken_over_changes_nothing(inbox: Inbox, desk: InboxDesk) -> None:
    [id_] = keep(inbox, "a")
    dead = claimed(inbox, lease_s=0)
    taken = claimed(inbox)

    late = inbox.settle(dead, [Outcome(id_, State.ASIDE, "late")])
    extended = inbox.extend(dead, lease_s=3600)
    after = desk.get(id_)
    mine = inbox.settle(taken, outcomes(taken))

    assert (late, extended, after.state, after.reason, mine) == (0, False, State.CLAIMED, "", 1)
    assert desk.get(id_).state is State.DONE


def test_a_claim_taken_over_in_part_must_not_be_written(inbox: Inbox) -> None:
    keep(inbox, "a", "b")
    slow = claimed(inbox, lease_s=0)
    claimed(inbox, limit=1)

    assert inbox.extend(slow, lease_s=3600) is False


def test_an_ended_lease_that_nobody_took_over_is_still_ours(inbox: Inbox) -> None:
    keep(inbox, "a")
    slow = claimed(inbox, lease_s=0)

    assert inbox.extend(slow, lease_s=3600) is True
    assert inbox.claim("hl7", owner="other", limit=10, lease_s=60) is None
    assert inbox.settle(slow, outcomes(slow)) == 1


def test_a_claim_settled_in_part_can_still_be_extended(inbox: Inbox) -> None:
    first, second = keep(inbox, "a", "b")
    claim = claimed(inbox)
    inbox.settle(claim, [Outcome(first, State.DONE)])

    assert inbox.extend(claim, lease_s=3600) is True
    assert inbox.settle(claim, [Outcome(second, State.DONE)]) == 1


def test_a_message_is_settled_once(inbox: Inbox, desk: InboxDesk) -> None:
    [id_] = keep(inbox, "a")
    claim = claimed(inbox)

    counts = [
        inbox.settle(claim, outcomes(claim)),
        inbox.settle(claim, outcomes(claim, State.ASIDE)),
    ]

    assert (counts, desk.get(id_).state) == ([1, 0], State.DONE)


def test_a_message_to_be_tried_again_counts_an_attempt(inbox: Inbox) -> None:
    keep(inbox, "a")
    claim = claimed(inbox)
    inbox.settle(claim, [Outcome(1, State.WAITING, "unavailable")])

    [again] = claimed(inbox).messages

    assert (again.attempts, again.reason) == (1, "unavailable")


def test_a_message_given_back_untouched_counts_no_attempt(inbox: Inbox) -> None:
    keep(inbox, "a")
    inbox.settle(claimed(inbox), [Outcome(1, State.WAITING, tried=False)])

    assert [kept.attempts for kept in claimed(inbox).messages] == [0]


def test_a_message_that_backs_off_holds_its_patient_back_and_nobody_else(inbox: Inbox) -> None:
    first, _, other = keep(inbox, "a", "a", "b")
    claim = claimed(inbox, limit=1)
    inbox.settle(claim, [Outcome(first, State.WAITING, "unavailable", delay_s=3600)])

    assert ids(claimed(inbox)) == [other]
    assert inbox.claim("hl7", owner="other", limit=10, lease_s=60) is None


def test_one_settlement_may_end_messages_differently(inbox: Inbox, desk: InboxDesk) -> None:
    keep(inbox, "a", "b", "c", "d")
    claim = claimed(inbox)

    count = inbox.settle(
        claim,
        [
            Outcome(1, State.DONE),
            Outcome(2, State.ASIDE, "invalid"),
            Outcome(3, State.WAITING, "unavailable", delay_s=3600),
            Outcome(4, State.DONE),
        ],
    )

    assert count == 4
    assert [(kept.state, kept.reason, kept.attempts) for kept in desk.search()] == [
        (State.DONE, "", 0),
        (State.ASIDE, "invalid", 0),
        (State.WAITING, "unavailable", 1),
        (State.DONE, "", 0),
    ]
