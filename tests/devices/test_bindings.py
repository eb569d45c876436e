"""Bindings and waiting messages: the same on the fake, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.devices.fake_tally import FakeTally
from tests.devices.harness import FakeBindings

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine, reading
from wherry.errors import Failure, Kind
from wherry_devices.accounts.connection_tables import device_connection
from wherry_devices.derivation import day_tables  # noqa: F401 - its table is one of the metadata
from wherry_devices.freshness.seen import Deed
from wherry_devices.freshness.seen_tables import metadata
from wherry_devices.mapping.binding import Binding
from wherry_devices.migrate import VERSION_TABLE, upgrade
from wherry_devices.owning.audit_sql import SqlAudit
from wherry_devices.owning.bindings import Bindings, Tally
from wherry_devices.owning.bindings_sql import SqlBindings, SqlTally

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
A, B = "a" * 32, "b" * 32


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def parts(request: pytest.FixtureRequest) -> Iterator[tuple[Bindings, Tally]]:
    """Empty tables."""
    if request.param == "fake":
        yield FakeBindings(), FakeTally()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield SqlBindings(engine), SqlTally(engine)
    engine.dispose()


@pytest.fixture
def bindings(parts: tuple[Bindings, Tally]) -> Bindings:
    """No binding, nothing waits."""
    return parts[0]


def bound(
    patient: str = "p1", start: int = 0, end: int | None = None, *, key: str = A, by: str = "nurse"
) -> Binding:
    """A binding whose days are counted from START."""
    until = None if end is None else START + end * DAY
    return Binding(key, "withings", patient, START + start * DAY, until, by)


def test_bindings_are_found_by_key_and_by_patient(bindings: Bindings) -> None:
    for one in (bound("p2", 5), bound("p1", 0, 5), bound("p1", key=B)):
        bindings.put(one)

    assert bindings.search(key=A) == [bound("p1", 0, 5), bound("p2", 5)]
    assert bindings.search(patient="p1") == [bound("p1", 0, 5), bound("p1", key=B)]
    assert bindings.search(limit=1) == [bound("p1", 0, 5)]
    assert bindings.look([A], 1).bindings[A][0].source == "withings"
    assert set(bindings.look([A, B], 1).bindings) == {A, B}
    assert bindings.look([], 1).bindings == {}


@pytest.mark.parametrize(
    "other",
    [bound("p2", 3, 4), bound("p2", 0), bound("p1", 4, 9), bound("p2", 4), bound("p2", -9, 1)],
)
def test_a_device_belongs_to_one_patient_at_a_time(bindings: Bindings, other: Binding) -> None:
    bindings.put(bound("p1", 0, 5))

    with pytest.raises(Failure) as caught:
        bindings.put(other)

    assert caught.value.kind is Kind.CONFLICT
    assert bindings.search() == [bound("p1", 0, 5)]


def test_a_binding_sent_again_changes_its_end_or_nothing(bindings: Bindings) -> None:
    bindings.put(bound())
    first = bindings.look([A], 1).revision
    bindings.put(bound())
    same = bindings.look([A], 1).revision

    bindings.put(bound(end=3, by="another nurse"))
    bindings.put(bound("p2", 3))

    assert same == first
    assert bindings.look([A], 1).revision > first
    assert bindings.search() == [bound(end=3, by="another nurse"), bound("p2", 3)]


def test_a_message_is_released_by_a_binding_that_came_after_it_began_to_wait(
    bindings: Bindings,
) -> None:
    bindings.put(bound(end=1))
    seen = bindings.look([A], 7).revision
    bindings.wait(7, [A, B], seen=seen)
    bindings.wait(8, [B], seen=seen)
    before = bindings.released()

    bindings.put(bound("p2", 1))

    assert before == []
    assert bindings.released() == [7]
    assert bindings.look([A], 7).waited
    assert not bindings.look([A], 9).waited


def test_a_message_waits_for_what_it_said_last(bindings: Bindings) -> None:
    bindings.wait(7, [A, B], seen=0)
    bindings.wait(7, [B], seen=0)
    bindings.put(bound())

    assert bindings.released() == []
    bindings.wait(7, [], seen=0)
    assert not bindings.look([B], 7).waited


def test_what_is_expected_of_a_binding_is_kept_and_changes(bindings: Bindings) -> None:
    bindings.put(replace(bound(), unit=B, every=5 * DAY, zone="Asia/Tokyo"))
    first = bindings.search()
    bindings.put(replace(bound(), unit=B, every=timedelta(minutes=5)))

    assert (first[0].unit, first[0].every, first[0].zone) == (B, 5 * DAY, "Asia/Tokyo")
    assert bindings.search() == [replace(bound(), unit=B, every=timedelta(minutes=5))]


def test_bindings_that_hold_are_found_in_the_order_of_keys(bindings: Bindings) -> None:
    for one in (bound(end=3), bound("p2", 3), bound(key=B)):
        bindings.put(one)

    assert bindings.holding(START) == [bound(end=3), bound(key=B)]
    assert bindings.holding(START + 3 * DAY, patient="p2") == [bound("p2", 3)]
    assert bindings.holding(START, after=A) == [bound(key=B)]
    assert bindings.holding(START, key=A) == [bound(end=3)]
    assert bindings.holding(START, limit=1) == [bound(end=3)]
    assert bindings.holding(START - DAY) == []


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_binding_and_who_made_it_are_kept_together_or_not_at_all(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade(url)
    engine = make_engine(url)
    bindings, deed = SqlBindings(engine), Deed("service", "bind", "p1", A)
    bindings.put(bound(), [deed])
    with pytest.raises(Failure):
        bindings.put(bound("p2", 1), [Deed("service", "bind", "p2", A)])
    kept = SqlAudit(engine).deeds()
    engine.dispose()

    assert [row[2] for row in kept] == [deed]


def test_counts_add_up(parts: tuple[Bindings, Tally]) -> None:
    tally = parts[1]
    tally.add({})
    tally.add({("withings", "placed"): 3})
    tally.add({("withings", "placed"): 2, ("withings", "goal"): 1})

    assert tally.counts() == {("withings", "placed"): 5, ("withings", "goal"): 1}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_of_many_at_once_one_gets_the_device(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade(url)
    engine = make_engine(url)
    bindings = SqlBindings(engine)

    def ask(number: int) -> bool:
        try:
            bindings.put(bound(f"p{number}", number % 3))
        except Failure:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(ask, range(12)))
    held = bindings.search()
    engine.dispose()

    assert got.count(True) == len(held) == 1


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_the_migrations_make_what_the_tables_say(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    upgrade(url)
    engine = make_engine(url)
    assert device_connection.metadata is metadata

    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "version_table": VERSION_TABLE,
                "include_name": lambda name, type_, parents: (
                    type_ != "table" or str(name).startswith("device_")
                ),
            },
        )
        differences = compare_metadata(context, metadata)
    engine.dispose()

    assert differences == []
