"""What the brake of a sender promises, on the fake, SQLite and PostgreSQL."""

import pytest
from tests.contracts.conftest import InboxParts, MakeInbox

from wherry.braking import Brake, Braking
from wherry.desk import What
from wherry.ports import Arrival, Claim, Outcome, State

NO_TRIAL = Braking(limit=3, first_pause_s=3600)
TRIAL_AT_ONCE = Braking(limit=3, first_pause_s=0)


def keep(parts: InboxParts, sender: str, count: int, *, key: str = "") -> list[int]:
    keys = (key,) if key else ()
    return parts.inbox.keep([Arrival("hl7", b"synthetic", sender=sender, keys=keys)] * count)


def claimed(parts: InboxParts, limit: int = 100) -> list[int]:
    claim = parts.inbox.claim("hl7", owner="w", limit=limit, lease_s=3600)
    return [kept.id for kept in claim.messages] if claim else []


def worked(parts: InboxParts, *bad: str, limit: int = 100) -> list[int]:
    """One claim: messages of these senders are set aside, others done."""
    claim = parts.inbox.claim("hl7", owner="w", limit=limit, lease_s=3600)
    if claim is None:
        return []
    end(parts, claim, *bad)
    return [kept.id for kept in claim.messages]


def end(parts: InboxParts, claim: Claim, *bad: str) -> None:
    outcomes = [
        Outcome(kept.id, State.ASIDE, "invalid: OBX-5")
        if kept.sender in bad
        else Outcome(kept.id, State.DONE)
        for kept in claim.messages
    ]
    parts.inbox.settle(claim, outcomes)


def states(parts: InboxParts, ids: list[int]) -> list[State]:
    return [parts.desk.get(id_).state for id_ in ids]


def brake(parts: InboxParts, sender: str = "BAD") -> Brake | None:
    return next(one.brake for one in parts.desk.standings() if one.sender == sender)


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_exactly_so_many_are_set_aside_and_the_others_wait(
    make_inbox: MakeInbox, limit: int
) -> None:
    parts = make_inbox(NO_TRIAL)
    ids = keep(parts, "BAD", 6)

    while worked(parts, "BAD", limit=limit):
        pass

    assert states(parts, ids) == [State.ASIDE] * 3 + [State.WAITING] * 3
    [status] = parts.desk.standings()
    assert (status.aside, status.aside_so_far, status.waiting) == (3, 3, 3)
    assert [kept.id for kept in parts.desk.search(state=State.WAITING)] == ids[3:]
    assert parts.desk.counts() == {("hl7", State.ASIDE): 3, ("hl7", State.WAITING): 3}
    assert parts.inbox.standing(ids)[ids[3]].state is State.WAITING
    assert parts.desk.search(state=State.CLAIMED) == []


def test_other_senders_go_on_even_with_the_same_patients(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    keep(parts, "BAD", 3, key="p")
    worked(parts, "BAD")
    bad = keep(parts, "BAD", 4, key="p")
    good = keep(parts, "GOOD", 2, key="p")

    assert worked(parts, "BAD", limit=2) == good
    assert states(parts, bad) == [State.WAITING] * 4
    assert brake(parts, "GOOD") is None


def test_other_senders_are_found_behind_more_than_one_step_holds_back(
    make_inbox: MakeInbox,
) -> None:
    parts = make_inbox(NO_TRIAL)
    keep(parts, "BAD", 3)
    worked(parts, "BAD")
    keep(parts, "BAD", 1200)
    good = keep(parts, "GOOD", 1)

    assert worked(parts, "BAD", limit=2) == good
    assert claimed(parts) == []
    assert parts.desk.oldest_waiting_s("hl7") >= 0


def test_it_holds_for_every_worker_and_after_a_restart(make_inbox: MakeInbox) -> None:
    one = make_inbox(NO_TRIAL)
    keep(one, "BAD", 5)
    worked(one, "BAD", limit=2)
    other = make_inbox(NO_TRIAL)
    worked(other, "BAD", limit=1)

    assert claimed(one) == claimed(other) == []


def test_what_others_had_in_hand_waits_and_is_not_set_aside(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    keep(parts, "BAD", 6)
    first = parts.inbox.claim("hl7", owner="a", limit=3, lease_s=3600)
    second = parts.inbox.claim("hl7", owner="b", limit=3, lease_s=3600)
    assert first
    assert second

    end(parts, first, "BAD")
    end(parts, second, "BAD")

    assert states(parts, [kept.id for kept in second.messages]) == [State.WAITING] * 3
    assert claimed(parts) == []


def test_one_that_is_done_in_between_begins_the_count_again(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    keep(parts, "BAD", 2)
    worked(parts, "BAD")
    keep(parts, "BAD", 1)
    worked(parts)
    ids = keep(parts, "BAD", 2)

    assert worked(parts, "BAD") == ids
    assert brake(parts) is None


def test_a_part_that_could_not_be_stored_does_not_count(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    ids = keep(parts, "BAD", 4)
    claim = parts.inbox.claim("hl7", owner="w", limit=4, lease_s=60)
    assert claim

    parts.inbox.settle(claim, [Outcome(id_, State.ASIDE, "part", landed=True) for id_ in ids])

    assert states(parts, ids) == [State.ASIDE] * 4
    assert brake(parts) is None


def test_the_brake_says_since_when_and_why(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    keep(parts, "BAD", 4)
    worked(parts, "BAD")

    found = brake(parts)

    assert found
    assert (found.in_a_row, found.reason) == (3, "invalid: OBX-5")
    assert found.probe_at_s == pytest.approx(found.on_at_s + 3600)


def test_one_is_tried_at_a_time(make_inbox: MakeInbox) -> None:
    parts = make_inbox(Braking(limit=3, first_pause_s=0.0, longest_pause_s=0.0))
    ids = keep(parts, "BAD", 6)
    worked(parts, "BAD")

    claim = parts.inbox.claim("hl7", owner="a", limit=9, lease_s=3600)
    assert claim
    assert [kept.id for kept in claim.messages] == [ids[3]]
    assert claimed(parts) == []
    end(parts, claim, "BAD")

    assert states(parts, ids) == [State.ASIDE] * 4 + [State.WAITING] * 2
    assert worked(parts, "BAD") == [ids[4]]


def test_one_that_passes_lets_all_go_in_order(make_inbox: MakeInbox) -> None:
    parts = make_inbox(TRIAL_AT_ONCE)
    keep(parts, "BAD", 3)
    worked(parts, "BAD")
    waiting = keep(parts, "BAD", 1100, key="p")

    assert worked(parts) == waiting[:1]
    assert brake(parts) is None
    later = keep(parts, "BAD", 3, key="p")

    found: list[int] = []
    while some := worked(parts, limit=300):
        found += some
    assert found == [*waiting[1:], *later]


def test_one_that_could_not_be_tried_is_tried_again(make_inbox: MakeInbox) -> None:
    parts = make_inbox(TRIAL_AT_ONCE)
    ids = keep(parts, "BAD", 5)
    worked(parts, "BAD")
    claim = parts.inbox.claim("hl7", owner="w", limit=9, lease_s=3600)
    assert claim

    parts.inbox.settle(claim, [Outcome(ids[3], State.WAITING, "the FHIR server is away")])

    assert brake(parts)
    assert worked(parts, "BAD") == [ids[3]]


def test_an_operator_lets_go_and_leaves_a_row(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    ids = keep(parts, "BAD", 8)
    worked(parts, "BAD")

    assert parts.desk.release("BAD", who="ann", note="map mended") == 1

    assert brake(parts) is None
    [deed] = parts.desk.audit()
    assert (deed.who, deed.what, deed.note) == ("ann", What.RELEASE, "BAD map mended")
    assert worked(parts) == ids[3:]


def test_a_sender_that_still_fails_is_stopped_again(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    ids = keep(parts, "BAD", 8)
    worked(parts, "BAD")
    parts.desk.release("BAD", who="ann")

    while worked(parts, "BAD", limit=2):
        pass

    assert states(parts, ids) == [State.ASIDE] * 6 + [State.WAITING] * 2


@pytest.mark.parametrize(("sender", "source"), [("GOOD", ""), ("BAD", "devices")])
def test_without_a_brake_there_is_nothing_to_let_go(
    make_inbox: MakeInbox, sender: str, source: str
) -> None:
    parts = make_inbox(NO_TRIAL)
    keep(parts, "BAD", 4)
    worked(parts, "BAD")

    assert parts.desk.release(sender, who="ann", source=source) == 0
    assert parts.desk.audit() == []
    assert brake(parts)


def test_what_is_replayed_waits_for_the_brake_as_well(make_inbox: MakeInbox) -> None:
    parts = make_inbox(NO_TRIAL)
    ids = keep(parts, "BAD", 4)
    worked(parts, "BAD")

    parts.desk.replay(ids[:3], who="ann")
    assert claimed(parts) == []

    parts.desk.release("BAD", who="ann")
    assert worked(parts) == ids
