"""Several workers on a sender that fails: as many set aside as agreed, and nobody else waits."""

import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

from tests.wherry.adapters.test_inbox_concurrency import Database

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.braking import Braking
from wherry.ports import Arrival, Outcome, State

LIMIT, WORKERS = 10, 4
STOPPED = Braking(limit=LIMIT, first_pause_s=3600)


class World:
    """Messages of two senders about the same patients, and workers for whom BAD may be bad."""

    def __init__(self, database: Database) -> None:
        self.inbox = SqlInbox(database.engine, braking=STOPPED)
        self.desk = SqlInboxDesk(database.engine)
        self.bad_is_bad = True
        self.order: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
        self._lock = threading.Lock()

    def keep(self, count: int) -> None:
        senders = ("BAD", "GOOD")
        self.inbox.keep(
            [
                Arrival("hl7", b"synthetic", sender=senders[n % 2], keys=(f"p{n // 2 % 20}",))
                for n in range(count)
            ]
        )

    def work(self, owner: int) -> None:
        while claim := self.inbox.claim("hl7", owner=str(owner), limit=7, lease_s=60):
            with self._lock:
                for kept in claim.messages:
                    self.order[kept.sender, kept.keys[0]].append(kept.id)
            self.inbox.settle(
                claim,
                [
                    Outcome(kept.id, State.ASIDE, "invalid: OBX-5")
                    if kept.sender == "BAD" and self.bad_is_bad
                    else Outcome(kept.id, State.DONE)
                    for kept in claim.messages
                ],
            )

    def all_work(self) -> None:
        with ThreadPoolExecutor(WORKERS) as pool:
            for future in [pool.submit(self.work, n) for n in range(WORKERS)]:
                future.result(120)
        self.work(0)  # what another's claim held up until its last settlement


def test_as_many_are_set_aside_as_agreed_and_others_are_all_done(database: Database) -> None:
    world = World(database)
    world.keep(600)

    world.all_work()

    good, bad = sorted(world.desk.standings(), key=lambda one: -one.done)
    assert (good.sender, good.done, good.waiting) == ("GOOD", 300, 0)
    assert (bad.sender, bad.aside, bad.waiting) == ("BAD", LIMIT, 300 - LIMIT)


def test_once_released_all_that_waited_is_done_in_the_order_of_each_patient(
    database: Database,
) -> None:
    world = World(database)
    world.keep(600)
    world.all_work()
    world.bad_is_bad = False
    world.order.clear()

    assert world.desk.release("BAD", who="ann") == 1
    world.keep(200)
    world.all_work()

    assert {one.sender: one.done for one in world.desk.standings()} == {
        "BAD": 400 - LIMIT,
        "GOOD": 400,
    }
    assert all(ids == sorted(ids) for ids in world.order.values())
