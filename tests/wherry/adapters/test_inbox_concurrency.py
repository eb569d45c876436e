"""Several workers on one inbox: nothing twice, nothing lost, no patient's messages out of order."""

import random
import subprocess
import sys
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest
from sqlalchemy import Engine

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.ports import Arrival, Claim, Kept, Outcome, State

MESSAGES = 2000
WORKERS = 4


class Database(Protocol):
    url: str
    engine: Engine


def arrivals(count: int, seed: int) -> list[Arrival]:
    """Random patients, few enough to meet often; every tenth message is a merge of two."""
    chance = random.Random(seed)  # noqa: S311 - to be the same in every run
    return [
        Arrival(
            "hl7",
            b"synthetic",
            keys=tuple(f"p{n}" for n in chance.sample(range(40), 2 if number % 10 == 0 else 1)),
        )
        for number in range(count)
    ]


class Journal:
    """What workers did, in the order in which they did it, and who was at work with whom."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.done: list[Kept] = []
        self.settled = 0
        self.in_work: dict[str, str] = {}
        self.clashes: list[str] = []

    def begin(self, claim: Claim) -> None:
        with self.changed:
            for key in keys(claim):
                if self.in_work.setdefault(key, claim.token) != claim.token:
                    self.clashes.append(key)
            self.done.extend(claim.messages)

    def end(self, claim: Claim) -> None:
        with self.changed:
            for key in keys(claim):
                self.in_work.pop(key, None)

    def count(self, settled: int) -> None:
        with self.changed:
            self.settled += settled
            self.changed.notify_all()

    def wait(self) -> None:
        """Until somebody settled or kept something; briefly, for it may just have happened."""
        with self.changed:
            self.changed.wait(0.05)


def keys(claim: Claim) -> set[str]:
    return {key for kept in claim.messages for key in kept.keys}


def work(engine: Engine, owner: str, journal: Journal, give_up: threading.Event) -> None:
    inbox, chance = SqlInbox(engine), random.Random(owner)  # noqa: S311 - as above
    while journal.settled < MESSAGES and not give_up.is_set():
        claim = inbox.claim("hl7", owner=owner, limit=chance.randint(1, 40), lease_s=600)
        if claim is None:
            journal.wait()
            continue
        journal.begin(claim)
        assert inbox.extend(claim, lease_s=600)
        journal.end(claim)
        done = [Outcome(kept.id, State.DONE) for kept in claim.messages]
        journal.count(inbox.settle(claim, done))


def test_workers_side_by_side_do_each_message_once_and_each_patients_in_order(
    database: Database,
) -> None:
    inbox, journal = SqlInbox(database.engine), Journal()
    feeds = [arrivals(MESSAGES // 2, seed) for seed in (1, 2)]

    def feed(messages: list[Arrival]) -> list[int]:
        ids = []
        for start in range(0, len(messages), 25):
            ids += inbox.keep(messages[start : start + 25])
        return ids

    give_up = threading.Event()
    with ThreadPoolExecutor(WORKERS + 2) as pool:
        keeping = [pool.submit(feed, messages) for messages in feeds]
        working = [
            pool.submit(work, database.engine, f"w{n}", journal, give_up) for n in range(WORKERS)
        ]
        try:
            kept = [id_ for future in keeping for id_ in future.result(60)]
            for future in working:
                future.result(60)
        finally:
            give_up.set()

    by_patient: dict[str, list[int]] = defaultdict(list)
    for message in journal.done:
        for key in message.keys:
            by_patient[key].append(message.id)
    assert journal.clashes == []
    assert sorted(message.id for message in journal.done) == sorted(kept)
    assert {key: ids for key, ids in by_patient.items() if ids != sorted(ids)} == {}
    assert dict(SqlInboxDesk(database.engine).counts()) == {("hl7", State.DONE): MESSAGES}


KEEPER = """
import sys
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.sql import make_engine
from wherry.ports import Arrival

inbox = SqlInbox(make_engine(sys.argv[1]))
while True:
    for id_ in inbox.keep([Arrival("hl7", b"synthetic", keys=("a",))] * 5):
        print(id_, flush=True)
"""

CLAIMER = """
import sys
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.sql import make_engine

inbox = SqlInbox(make_engine(sys.argv[1]))
claim = inbox.claim("hl7", owner="dies", limit=2, lease_s=float(sys.argv[2]))
print(len(claim.messages), flush=True)
sys.stdin.read()
"""


@pytest.mark.slow
def test_a_listener_killed_before_its_ack_loses_nothing_that_was_kept(database: Database) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", KEEPER, database.url], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        acknowledged = [int(process.stdout.readline()) for _ in range(23)]
        process.kill()
        acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]

    found = SqlInboxDesk(database.engine).search(limit=100_000)

    assert {kept.id for kept in found} >= set(acknowledged)
    assert len(found) % 5 == 0, "a group is kept whole or not at all"


@pytest.mark.slow
@pytest.mark.parametrize(("lease_s", "taken_over"), [(0, [1, 2, 3]), (3600, [3])])
def test_a_killed_workers_claim_is_free_when_its_lease_ends_and_not_before(
    database: Database, lease_s: float, taken_over: list[int]
) -> None:
    inbox = SqlInbox(database.engine)
    inbox.keep([Arrival("hl7", b"synthetic", keys=(key,)) for key in ("a", "a", "b")])
    with subprocess.Popen(
        [sys.executable, "-c", CLAIMER, database.url, str(lease_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        lent = int(process.stdout.readline())
        process.kill()

    claim = inbox.claim("hl7", owner="heir", limit=10, lease_s=60)

    assert lent == 2
    assert claim is not None
    assert [kept.id for kept in claim.messages] == taken_over
