"""Notes of what is to be derived again: the same on the fake, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Lock

import pytest
from tests.devices.days import FakeDays

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine
from wherry_devices.derivation.days import Days, Lent, Touched
from wherry_devices.derivation.days_sql import SqlDays
from wherry_devices.migrate import upgrade

FOREVER_S = 3600.0
DAY = date(2026, 3, 1)
ONE = Touched("p1", "average-bp", DAY)
NEXT = Touched("p1", "average-bp", date(2026, 3, 2))
OTHER = Touched("p2", "average-bp", DAY)


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def days(request: pytest.FixtureRequest) -> Iterator[Days]:
    """Nothing is noted."""
    if request.param == "fake":
        yield FakeDays()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield SqlDays(engine)
    engine.dispose()


def due(
    days: Days, *, limit: int = 10, quiet_s: float = 0, lease_s: float = FOREVER_S
) -> list[Lent]:
    return days.due(owner="worker", limit=limit, quiet_s=quiet_s, lease_s=lease_s)


def touched(lent: list[Lent]) -> list[Touched]:
    return [one.touched for one in lent]


def test_many_notes_of_a_day_are_one_piece_of_work(days: Days) -> None:
    for _ in range(3):
        days.note([ONE, OTHER, ONE])

    assert sorted(touched(due(days)), key=lambda one: one.patient) == [ONE, OTHER]
    assert due(days) == []


def test_noting_nothing_is_nothing(days: Days) -> None:
    days.note([])

    assert (days.ready(quiet_s=0), due(days)) == (False, [])


def test_what_was_just_noted_is_left_to_go_quiet(days: Days) -> None:
    days.note([ONE])

    assert (days.ready(quiet_s=FOREVER_S), due(days, quiet_s=FOREVER_S)) == (False, [])
    assert days.ready(quiet_s=0)


def test_what_was_worked_off_is_forgotten(days: Days) -> None:
    days.note([ONE, OTHER])

    days.settle(due(days))

    assert (days.ready(quiet_s=0), due(days)) == (False, [])


def test_a_note_while_it_is_worked_on_asks_for_another_look(days: Days) -> None:
    days.note([ONE])
    lent = due(days)
    days.note([ONE])

    days.settle(lent)

    [again] = due(days)
    assert (again.touched, again.mark != lent[0].mark) == (ONE, True)


def test_days_of_one_value_are_never_with_two_workers(days: Days) -> None:
    days.note([ONE, OTHER])
    [first, second] = [due(days, limit=1), due(days, limit=1)]
    days.note([NEXT])

    assert sorted(one.touched.patient for one in (*first, *second)) == ["p1", "p2"]
    assert (due(days), days.ready(quiet_s=0)) == ([], False)
    days.settle([*first, *second])
    assert touched(due(days)) == [NEXT]


def test_a_dead_workers_notes_are_lent_again(days: Days) -> None:
    days.note([ONE])
    dead = due(days, lease_s=0)

    again = due(days)

    assert touched(again) == [ONE]
    assert (days.held(dead, lease_s=1), days.held(again, lease_s=1)) == (False, True)


def test_whoever_was_overtaken_has_it_looked_at_again(days: Days) -> None:
    days.note([ONE])
    late = due(days, lease_s=0)
    days.settle(due(days))  # another worker took over and finished

    days.settle(late)

    assert touched(due(days)) == [ONE]


def test_a_late_settlement_does_not_take_what_another_has(days: Days) -> None:
    days.note([ONE])
    late = due(days, lease_s=0)
    now = due(days)

    days.settle(late)

    assert days.held(now, lease_s=FOREVER_S)
    days.settle(now)
    assert touched(due(days)) == [ONE]


def test_what_is_put_off_waits_and_counts_its_failures(days: Days) -> None:
    days.note([ONE, OTHER])
    lent = due(days)
    failed, waits = (
        [one for one in lent if one.touched.patient == patient] for patient in ("p1", "p2")
    )

    days.put_off(failed, pause_s=0, reason="unavailable at request")
    days.put_off(waits, pause_s=FOREVER_S)
    days.note([OTHER])  # it still waits for its time

    assert days.counts() == {"waiting": 1, "failing": 1}
    assert [(one.touched, one.attempts) for one in due(days)] == [(ONE, 1)]


def test_two_workers_are_not_lent_the_same(days: Days) -> None:
    if isinstance(days, FakeDays):
        pytest.skip("the fake is for one thread")
    days.note(Touched(f"p{n}", "average-bp", DAY) for n in range(20))

    with ThreadPoolExecutor(4) as pool:
        lent = [one for some in pool.map(lambda _: due(days, limit=7), range(4)) for one in some]

    assert len(lent) == len({one.touched for one in lent}) == 20


def test_workers_that_race_never_have_one_value_between_them_and_leave_nothing(days: Days) -> None:
    if isinstance(days, FakeDays):
        pytest.skip("the fake is for one thread")
    held: set[tuple[str, str]] = set()
    both: list[tuple[str, str]] = []
    guard = Lock()

    def note(start: int) -> None:
        for n in range(start, start + 30):
            days.note([Touched(f"p{n % 4}", "average-bp", DAY + timedelta(days=n % 5))])

    def work(_: int) -> None:
        for _ in range(40):
            lent = due(days, limit=3)
            values = {(one.touched.patient, one.touched.what) for one in lent}
            with guard:
                both.extend(held & values)
                held.update(values)
            with guard:
                held.difference_update(values)
            days.settle(lent)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: job[0](job[1]), [(note, 0), (work, 0), (work, 1), (note, 7)]))
    work(2)

    assert both == []
    assert days.counts() == {"waiting": 0, "failing": 0}
