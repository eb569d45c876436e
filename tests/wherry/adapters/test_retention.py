"""What is done loses its body and then its row; what is not is never touched. Synthetic."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text, update

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.inbox_tables import message
from wherry.adapters.migrate import upgrade
from wherry.adapters.retention_sql import AT_ONCE, SqlRetention
from wherry.adapters.sealing import NO_KEYS, Sealer
from wherry.adapters.sql import make_engine, reading, writing
from wherry.desk import What
from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Outcome, State

OLD, NEW = Sealer([b"o" * 32]), Sealer([b"n" * 32, b"o" * 32])
BODY = b"MSH|^~\\&|SYNTHETIC\rPID|1||42^^^SYNTHETIC||Made^Up\r"
DAY_S = 86400.0


@dataclass(frozen=True)
class House:
    """An inbox, its desk and its retention on one database."""

    engine: Engine
    inbox: SqlInbox
    desk: SqlInboxDesk
    retention: SqlRetention

    def keep(self, days: list[int], state: State = State.DONE) -> list[int]:
        """Messages that came on these days since 1970 and ended so."""
        aside = "not_hl7" if state is State.ASIDE else ""
        ids = self.inbox.keep([Arrival("hl7", BODY, sender="LAB", aside=aside) for _ in days])
        with writing(self.engine) as connection:
            for id_, day in zip(ids, days, strict=True):
                moved = update(message).where(message.c.id == id_)
                connection.execute(moved.values(received_at_s=day * DAY_S))
        if state is State.DONE:
            claim = self.inbox.claim("hl7", owner="worker", limit=1000, lease_s=60)
            assert claim is not None
            self.inbox.settle(claim, [Outcome(kept.id, State.DONE) for kept in claim.messages])
        return ids


def day(number: int) -> datetime:
    return datetime.fromtimestamp(number * DAY_S, UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    """An inbox database of each kind."""
    found = str(request.getfixturevalue(f"{request.param}_url"))
    upgrade(found)
    return found


def made(engine: Engine, sealer: Sealer) -> House:
    return House(
        engine, SqlInbox(engine, sealer), SqlInboxDesk(engine, sealer), SqlRetention(engine, sealer)
    )


@pytest.fixture
def house(url: str) -> Iterator[House]:
    engine = make_engine(url)
    yield made(engine, OLD)
    engine.dispose()


def test_only_bodies_of_done_messages_from_before_are_due(house: House) -> None:
    done = house.keep([1, 2, 3, 10])
    house.keep([1], State.ASIDE)
    house.keep([1], State.WAITING)

    assert house.retention.bodies(day(3)) == done[:2]
    assert house.retention.bodies(day(3), after=done[0]) == [done[1]]
    assert house.retention.how_many_bodies(day(3)) == 2
    assert house.retention.bodies(day(1)) == []
    assert house.retention.bodies(day(100)) == done


def test_a_forgotten_body_is_gone_and_the_rest_stays(house: House) -> None:
    [first, second] = house.keep([1, 2])

    count = house.retention.forget([first])

    gone, kept = house.desk.get(first), house.desk.get(second)
    assert (count, gone.body, gone.purged, gone.sender) == (1, b"", True, "LAB")
    assert (kept.body, kept.purged) == (BODY, False)
    assert house.retention.bodies(day(100)) == [second]
    assert house.desk.counts() == {("hl7", State.DONE): 2}


def test_what_has_no_body_is_not_replayed(house: House) -> None:
    [id_] = house.keep([1])
    house.retention.forget([id_])

    assert (house.desk.replay([id_], who="ann"), house.desk.get(id_).state) == (0, State.DONE)
    assert house.desk.audit() == []


def test_a_message_replayed_in_the_meantime_keeps_its_body(house: House) -> None:
    [id_] = house.keep([1])
    due = house.retention.bodies(day(100))
    house.desk.replay([id_])

    assert (house.retention.forget(due), house.desk.get(id_).body) == (0, BODY)


def test_rows_go_after_their_bodies_and_the_counts_follow(house: House) -> None:
    [first, second] = house.keep([1, 2])
    house.retention.forget([first])

    assert house.retention.rows(day(100)) == [first]
    assert house.retention.drop([first, second]) == 1
    assert house.desk.counts() == {("hl7", State.DONE): 1}
    assert [kept.id for kept in house.desk.search()] == [second]
    assert house.desk.standings()[0].received == 2


def test_ids_of_dropped_messages_are_not_given_again(house: House) -> None:
    [id_] = house.keep([1])
    house.retention.forget([id_])
    house.retention.drop([id_])

    assert house.keep([2]) > [id_]


def test_bodies_under_an_old_key_or_none_get_the_first_one(house: House) -> None:
    [clear] = made(house.engine, NO_KEYS).keep([1])
    [old] = house.keep([2])
    newer = made(house.engine, NEW)
    [new] = newer.keep([3])

    due = newer.retention.under_other_keys()
    count = newer.retention.reseal(due)

    assert (due, count) == ([clear, old], 2)
    assert newer.retention.under_other_keys() == []
    only_new = made(house.engine, Sealer([b"n" * 32]))
    assert [only_new.desk.get(id_).body for id_ in (clear, old, new)] == [BODY] * 3


def test_without_the_old_key_nothing_is_resealed(house: House) -> None:
    [id_] = house.keep([1])

    with pytest.raises(Failure) as raised:
        made(house.engine, Sealer([b"n" * 32])).retention.reseal([id_])

    assert raised.value.kind is Kind.UNAVAILABLE
    assert house.desk.get(id_).body == BODY


def test_pages_are_short(house: House) -> None:
    ids = house.keep([1] * (AT_ONCE + 5))

    first = house.retention.bodies(day(100))
    assert len(first) == AT_ONCE
    assert house.retention.bodies(day(100), after=first[-1]) == ids[AT_ONCE:]


def test_an_audit_row_tells_of_a_purge(house: House) -> None:
    house.retention.note("ann", What.PURGE, "2 bodies")

    assert [(d.who, d.what, d.message_id, d.note) for d in house.desk.audit()] == [
        ("ann", What.PURGE, 0, "2 bodies")
    ]


def test_no_text_of_a_message_lies_in_the_database(house: House) -> None:
    house.keep([1])

    with reading(house.engine) as connection:
        stored = bytes(connection.scalar(text("SELECT body FROM message")))
    assert (b"MSH" in stored, b"Made" in stored, len(stored)) == (False, False, len(BODY) + 36)


def test_a_forgotten_clear_body_is_not_left_in_the_file(sqlite_url: str, tmp_path: Path) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    clear = made(engine, NO_KEYS)
    ids = clear.keep([1] * 20)
    clear.retention.forget(ids)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()

    assert b"Made^Up" not in (tmp_path / "wherry.db").read_bytes()


def test_a_body_moved_to_another_row_is_set_aside_and_the_others_are_lent(house: House) -> None:
    first, second, third = house.keep([1, 2, 3], State.WAITING)
    with writing(house.engine) as connection:
        connection.execute(
            text(
                "UPDATE message SET body = (SELECT m.body FROM message m WHERE m.id = :a)"
                " WHERE id = :b"
            ),
            {"a": first, "b": second},
        )

    claim = house.inbox.claim("hl7", owner="worker", limit=10, lease_s=60)

    assert claim is not None
    assert [kept.id for kept in claim.messages] == [first, third]
    aside = house.desk.asides()
    assert aside == {("hl7", "LAB", "fault"): 1}


def test_a_worker_without_the_key_lends_nothing_and_changes_nothing(house: House) -> None:
    [id_] = house.keep([1], State.WAITING)
    stranger = made(house.engine, Sealer([b"x" * 32]))

    with pytest.raises(Failure) as raised:
        stranger.inbox.claim("hl7", owner="worker", limit=10, lease_s=60)

    assert raised.value.kind is Kind.UNAVAILABLE
    assert (house.desk.get(id_).state, house.desk.get(id_).attempts) == (State.WAITING, 0)
