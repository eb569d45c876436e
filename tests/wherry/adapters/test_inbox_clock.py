"""The database's clock is set back or forth while messages are lent: order and leases hold."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, update

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.inbox_tables import message, message_state, patient_change
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import make_engine, writing
from wherry.draining import work_waits
from wherry.ports import Arrival, Claim, Outcome, State

DAY_S = 86_400.0
LEASE_S = 8.0


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade(url)
    made = make_engine(url)
    yield made
    made.dispose()


def set_clock(engine: Engine, by_s: float) -> None:
    """Instead of the clock all times that were noted by it move, the other way."""
    held = message_state.c.free_at_s
    change = patient_change.c
    with writing(engine) as connection:
        connection.execute(update(message_state).where(held > 0).values(free_at_s=held - by_s))
        connection.execute(update(message).values(received_at_s=message.c.received_at_s - by_s))
        moved = {change.marked_s: change.marked_s - by_s, change.since_s: change.since_s - by_s}
        connection.execute(update(patient_change).values(moved))


def wait_out(engine: Engine, s: float) -> None:
    """Let time pass; it is what a clock does that goes forth."""
    set_clock(engine, s)


def keep(inbox: SqlInbox, *keys: str) -> list[int]:
    return inbox.keep([Arrival("hl7", b"synthetic", keys=(key,)) for key in keys])


def claim(inbox: SqlInbox, *, owner: str = "worker") -> Claim | None:
    return inbox.claim("hl7", owner=owner, limit=10, lease_s=LEASE_S)


def ids(claimed: Claim | None) -> list[int]:
    return [kept.id for kept in claimed.messages] if claimed else []


def test_a_dead_workers_claim_is_taken_over_after_one_lease_of_a_clock_set_back(
    engine: Engine,
) -> None:
    inbox = SqlInbox(engine)
    (kept,) = keep(inbox, "a")
    dead = claim(inbox)
    set_clock(engine, -DAY_S)

    at_once = claim(inbox, owner="other")
    wait_out(engine, LEASE_S + 0.5)
    later = claim(inbox, owner="other")

    assert (ids(dead), at_once, ids(later)) == ([kept], None, [kept])


def test_a_living_worker_keeps_its_claim_when_the_clock_is_set_back(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    keep(inbox, "a")
    mine = claim(inbox)
    assert mine is not None
    set_clock(engine, -DAY_S)

    looked = [claim(inbox, owner="other")]
    held = inbox.extend(mine, lease_s=LEASE_S)
    wait_out(engine, LEASE_S / 2)
    looked += [claim(inbox, owner="other")]

    assert held
    assert looked == [None, None]
    assert inbox.settle(mine, [Outcome(id_, State.DONE) for id_ in ids(mine)]) == 1


def test_a_clock_set_forth_lets_others_take_over_and_the_fence_refuses_the_first(
    engine: Engine,
) -> None:
    inbox = SqlInbox(engine)
    first, second = keep(inbox, "a", "a")
    mine = inbox.claim("hl7", owner="worker", limit=1, lease_s=LEASE_S)
    assert mine is not None
    set_clock(engine, DAY_S)

    theirs = claim(inbox, owner="other")

    assert ids(theirs) == [first, second]
    assert inbox.extend(mine, lease_s=LEASE_S) is False
    assert inbox.settle(mine, [Outcome(first, State.DONE)]) == 0


def test_what_backs_off_does_so_once_more_after_the_clock_was_set_back(engine: Engine) -> None:
    inbox = SqlInbox(engine)
    (kept,) = keep(inbox, "a")
    mine = claim(inbox)
    assert mine is not None
    inbox.settle(mine, [Outcome(kept, State.WAITING, "unavailable", delay_s=300.0)])
    set_clock(engine, -DAY_S)

    at_once = claim(inbox)
    wait_out(engine, 2.5)

    assert at_once is None
    assert ids(claim(inbox)) == [kept]


def test_the_sweep_sees_what_arrived_before_the_clock_was_set_back(engine: Engine) -> None:
    inbox, desk = SqlInbox(engine), SqlInboxDesk(engine)
    before = work_waits("hl7", desk)
    keep(inbox, "a")
    set_clock(engine, -DAY_S)

    assert (before, work_waits("hl7", desk)) == (False, True)


def test_a_patient_marked_before_the_clock_was_set_back_is_looked_at(engine: Engine) -> None:
    changes = SqlChanges(engine)
    changes.mark(["p1"])
    set_clock(engine, -DAY_S)

    due = changes.due(owner="risk", limit=1, quiet_s=2.0, lease_s=LEASE_S)

    assert [patient for patient, _ in due] == ["p1"]
