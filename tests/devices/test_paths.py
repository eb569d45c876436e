"""One measurement by several paths: all are stored, one counts, and the order does not matter."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from sqlalchemy import select
from tests.devices.fake_paths import FakePaths
from tests.devices.sighted import sighting

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine, reading
from wherry_devices.duplicates.path_tables import device_sighting
from wherry_devices.duplicates.paths import Paths
from wherry_devices.duplicates.paths_sql import SqlPaths, derived
from wherry_devices.mapping.paths import PLAIN, Name, Sighting, Stand, all_preferred
from wherry_devices.mapping.withdrawals import Withdrawal
from wherry_devices.migrate import upgrade


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def paths(request: pytest.FixtureRequest) -> Iterator[Paths]:
    """An empty ledger."""
    if request.param == "fake":
        yield FakePaths()
        return
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield SqlPaths(engine, (b"k" * 32,))
    engine.dispose()


DIRECT, AGGREGATED, RELAYED = (sighting(name) for name in ("withings", "terra", "healthkit"))


def final(paths: Paths, sightings: tuple[Sighting, ...]) -> dict[Name, Name | None]:
    """What each reading ends as: as it was built, unless it was to be checked after."""
    told: dict[Name, Name | None] = {}
    for one in sightings:
        found = paths.note([one])
        told[one.name] = found.get(one.name, PLAIN).preferred
        checks = paths.to_check()
        told |= {check.name: check.stand.preferred for check in checks}
        paths.checked(checks)
    return told


@pytest.mark.parametrize("order", list(permutations((DIRECT, AGGREGATED, RELAYED))))
def test_the_vendor_s_own_path_counts_in_whatever_order_they_come(
    order: tuple[Sighting, ...], paths: Paths
) -> None:
    assert final(paths, order) == {
        DIRECT.name: None,
        AGGREGATED.name: DIRECT.name,
        RELAYED.name: DIRECT.name,
    }


@pytest.mark.parametrize(
    "other",
    [
        sighting("healthkit", 61),
        sighting("healthkit", value="w"),
        sighting("healthkit", value=""),
        sighting("withings", 30),
        sighting("healthkit", maker="apple"),
    ],
    ids=["later", "another-number", "no-number", "one-path", "another-maker"],
)
def test_what_may_be_another_measurement_is_no_duplicate(other: Sighting, paths: Paths) -> None:
    mine = sighting("withings", maker="withings")

    assert paths.note([mine]) == {}
    assert paths.note([other]) == {}
    assert paths.to_check() == []


def test_of_two_measurements_half_a_minute_apart_each_has_its_own_duplicate(paths: Paths) -> None:
    cuff = [sighting("withings"), sighting("withings", 30)]
    phone = [sighting("healthkit", 2), sighting("healthkit", 32)]

    assert paths.note([cuff[0]]) == {}
    assert paths.note(phone) == {phone[0].name: Stand(cuff[0].name)}
    assert paths.note([cuff[1]]) == {}
    assert [(one.name, one.stand.preferred) for one in paths.to_check()] == [
        (phone[1].name, cuff[1].name)
    ]


def test_what_was_corrected_or_taken_back_lets_the_other_path_count_again(paths: Paths) -> None:
    paths.note([DIRECT])
    assert paths.note([RELAYED]) == {RELAYED.name: Stand(DIRECT.name)}

    paths.note([sighting("withings", value="", said_s=DIRECT.said_s + 1)])

    assert [(one.name, one.stand.preferred) for one in paths.to_check()] == [(RELAYED.name, None)]
    assert paths.note([DIRECT]) == {}  # what was said before comes again: it says nothing new
    assert paths.note([RELAYED]) == {}


def test_a_reading_that_becomes_another_patient_s_is_compared_with_that_one_s(paths: Paths) -> None:
    paths.note([DIRECT, RELAYED])

    moved = sighting("withings", patient="p2", value="of-p2", said_s=DIRECT.said_s + 1)
    paths.note([moved])

    assert [(one.patient, one.stand.preferred) for one in paths.to_check()] == [("p1", None)]


def test_a_mark_is_looked_at_twice_and_a_change_in_between_begins_anew(paths: Paths) -> None:
    paths.note([RELAYED])
    paths.note([DIRECT])
    [check] = paths.to_check(limit=1)
    assert not check.last

    paths.note([sighting("withings", value="", said_s=DIRECT.said_s + 1)])
    paths.checked([check])  # too late: it is another one by now

    [check] = paths.to_check()
    assert check.stand == PLAIN
    paths.checked([check])
    assert paths.to_check() == []


AT = DIRECT.instant_s
GONE = Withdrawal(DIRECT.owner, "bp", AT, AT + 60, DIRECT.said_s + 10)


@pytest.mark.parametrize("first", ["reading", "deletion"])
def test_what_was_taken_back_is_so_in_either_order_and_nothing_is_a_duplicate_of_it(
    first: str, paths: Paths
) -> None:
    paths.note([RELAYED])
    if first == "reading":
        paths.note([DIRECT])
        paths.checked(paths.to_check())
        paths.withdraw([GONE])
        assert {one.name: one.stand for one in paths.to_check()} == {
            DIRECT.name: Stand(withdrawn=True),
            RELAYED.name: PLAIN,
        }
    else:
        paths.withdraw([GONE])
        assert paths.note([DIRECT]) == {DIRECT.name: Stand(withdrawn=True)}
        assert paths.to_check() == []

    assert paths.note([DIRECT, RELAYED]) == {DIRECT.name: Stand(withdrawn=True)}
    paths.withdraw([GONE])
    assert paths.note([sighting("withings", said_s=GONE.said_s)]) == {}


@pytest.mark.parametrize(
    "gone",
    [
        Withdrawal("owner-of-another", "bp", AT, AT + 60, GONE.said_s),
        Withdrawal(DIRECT.owner, "weight", AT, AT + 60, GONE.said_s),
        Withdrawal(DIRECT.owner, "bp", AT + 1, AT + 60, GONE.said_s),
        Withdrawal(DIRECT.owner, "bp", AT - 60, AT, GONE.said_s),
        Withdrawal(DIRECT.owner, "bp", AT, AT + 60, DIRECT.said_s),
    ],
    ids=["of-another", "of-another-kind", "later", "before", "spoken-of-since"],
)
def test_a_deletion_takes_back_what_it_is_of_and_no_more(gone: Withdrawal, paths: Paths) -> None:
    paths.note([DIRECT])
    paths.withdraw([gone])
    paths.withdraw([])

    assert paths.to_check() == []
    assert paths.note([DIRECT]) == {}


def test_the_same_again_changes_nothing(paths: Paths) -> None:
    first = [paths.note([one]) for one in (DIRECT, AGGREGATED)]
    paths.checked(paths.to_check())

    again = [paths.note([one]) for one in (DIRECT, AGGREGATED)]

    assert again == first == [{}, {AGGREGATED.name: Stand(DIRECT.name)}]
    assert paths.to_check() == []
    assert paths.note([]) == {}


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_workers_that_note_at_once_agree(database: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{database}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    ledger = SqlPaths(engine, ())
    many = [
        sighting(source, 600.0 * number)
        for number in range(20)
        for source in ("withings", "terra", "healthkit")
    ]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ledger.note, [[one] for one in many]))

    told = {name: stand.preferred for one in found for name, stand in one.items()}
    told |= {one.name: one.stand.preferred for one in ledger.to_check() if one.stand.preferred}
    assert told == all_preferred(many)
    assert len(told) == 40
    engine.dispose()


def test_no_number_is_in_the_ledger_and_a_new_key_of_the_inbox_changes_nothing(
    sqlite_url: str,
) -> None:
    upgrade_inbox(sqlite_url)
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    SqlPaths(engine, ()).note([DIRECT])

    with reading(engine) as connection:
        [row] = connection.execute(select(device_sighting))
    engine.dispose()
    old, new = b"o" * 32, b"n" * 32

    assert not [name for name in row._fields if name in {"value", "number"}]
    assert derived((new, old)) == derived((old,)) != derived((new,))
