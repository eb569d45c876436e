"""The daily purge: due once a day, one process at a time, audited, in short steps. Synthetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import Engine, update

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.inbox_tables import message
from wherry.adapters.migrate import upgrade
from wherry.adapters.retention_sql import AT_ONCE, SqlRetention
from wherry.adapters.sql import make_engine, writing
from wherry.desk import What
from wherry.ports import Arrival, Outcome, State
from wherry.retention import DAILY, Chore, Keeping, purge_when_due

AT_THREE = Keeping(days=30, rows_days=365, at=time(3))


@dataclass(frozen=True)
class House:
    """One inbox, and the parts that purge it."""

    engine: Engine
    chores: SqlChores
    keeper: SqlRetention

    def done_messages(self, count: int, days_ago: float) -> list[int]:
        """Messages that were done so long ago."""
        inbox = SqlInbox(self.engine)
        ids = inbox.keep([Arrival("hl7", b"synthetic", sender="LAB")] * count)
        claim = inbox.claim("hl7", owner="w", limit=count, lease_s=60)
        assert claim
        inbox.settle(claim, [Outcome(id_, State.DONE) for id_ in ids])
        came = (self.now - timedelta(days=days_ago)).timestamp()
        with writing(self.engine) as connection:
            moved = update(message).where(message.c.id.in_(ids)).values(received_at_s=came)
            connection.execute(moved)
        return ids

    @property
    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - leases are in the database's time

    def purge(self, owner: str = "one", *, go_on: bool = True, keeping: Keeping = AT_THREE) -> bool:
        return purge_when_due(
            self.chores, self.keeper, keeping, now=self.now, owner=owner, pause=lambda: go_on
        )


@pytest.fixture(params=["sqlite", "postgres"])
def house(request: pytest.FixtureRequest) -> Iterator[House]:
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade(url)
    engine = make_engine(url)
    yield House(engine, SqlChores(engine), SqlRetention(engine))
    engine.dispose()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 5, 2, 2, 59, tzinfo=UTC), datetime(2026, 5, 1, 3, tzinfo=UTC)),
        (datetime(2026, 5, 2, 3, 0, tzinfo=UTC), datetime(2026, 5, 2, 3, tzinfo=UTC)),
        (
            datetime.fromisoformat("2026-05-02T01:00:00-05:00"),
            datetime(2026, 5, 2, 3, tzinfo=UTC),
        ),
    ],
)
def test_it_is_due_from_that_time_of_day_on(now: datetime, due: datetime) -> None:
    assert AT_THREE.due(now) == due


def test_without_a_time_it_is_never_due(house: House) -> None:
    house.done_messages(1, days_ago=400)

    assert not house.purge(keeping=Keeping(days=30, rows_days=365))
    assert house.chores.last(DAILY) == Chore()


def test_what_is_too_old_goes_and_is_audited_and_counted(house: House) -> None:
    house.done_messages(3, days_ago=400)
    old, young = house.done_messages(2, days_ago=40), house.done_messages(1, days_ago=2)

    assert house.purge()

    desk, last = SqlInboxDesk(house.engine), house.chores.last(DAILY)
    assert [(kept.id, kept.purged) for kept in desk.search()] == [
        *((id_, True) for id_ in old),
        *((id_, False) for id_ in young),
    ]
    assert (last.bodies, last.rows) == (5, 3)
    assert last.ended_at
    assert abs((last.ended_at - house.now).total_seconds()) < 60
    [deed] = desk.audit()
    assert (deed.who, deed.what) == ("daily purge", What.PURGE)
    assert deed.note.startswith("5 bodies, 3 rows, from before ")


def test_a_day_without_anything_to_remove_counts_and_leaves_no_row(house: House) -> None:
    assert house.purge()

    assert house.chores.last(DAILY).ended_at
    assert SqlInboxDesk(house.engine).audit() == []


def test_it_is_done_once_a_day_whoever_asks(house: House) -> None:
    assert house.purge("one")
    assert not house.purge("one")
    assert not house.purge("two")


def test_while_one_process_has_it_others_have_not(house: House) -> None:
    due = house.now

    assert house.chores.take(DAILY, due=due, owner="one", lease_s=60)
    assert not house.chores.take(DAILY, due=due, owner="two", lease_s=60)
    assert house.chores.extend(DAILY, owner="one", lease_s=60)
    assert not house.chores.extend(DAILY, owner="two", lease_s=60)


def test_when_a_process_dies_over_it_another_takes_it_over(house: House) -> None:
    due = house.now

    assert house.chores.take(DAILY, due=due, owner="dead", lease_s=0)
    assert house.chores.take(DAILY, due=due, owner="two", lease_s=60)
    assert not house.chores.extend(DAILY, owner="dead", lease_s=60)
    house.chores.done(DAILY, bodies=1, rows=0, owner="dead")
    assert house.chores.last(DAILY) == Chore(None, 1, 0)


def test_a_worker_that_is_stopped_leaves_the_rest_for_the_next(house: House) -> None:
    house.done_messages(AT_ONCE + 5, days_ago=40)

    assert not house.purge(go_on=False)

    assert house.chores.last(DAILY) == Chore(None, AT_ONCE, 0)
    [deed] = SqlInboxDesk(house.engine).audit()
    assert deed.note.startswith(f"stopped after {AT_ONCE} bodies")


def test_a_purge_by_hand_counts_as_the_one_of_the_day(house: House) -> None:
    house.chores.done(DAILY, bodies=2, rows=1)

    assert house.chores.last(DAILY).bodies == 2
    assert not house.purge()
