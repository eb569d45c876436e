"""Many fetchers and one consent: on SQLite and PostgreSQL a token is renewed by one of them."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, update
from tests.devices.connected import consented, sql_parts
from tests.devices.harness import House, group, measure

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sql import make_engine, writing
from wherry.errors import Failure
from wherry_devices.accounts.connection_tables import device_connection
from wherry_devices.accounts.connections import Asked
from wherry_devices.deps import Deps
from wherry_devices.fetcher import fetch_due
from wherry_devices.migrate import upgrade

FETCHERS = 6


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Tables without rows."""
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


def on(engine: Engine, house: House) -> Deps:
    """The house with its connections on a database."""
    needs, parts = house.deps(), sql_parts(engine)
    clouds = replace(
        needs.clouds,
        connections=parts.connections,
        fetches=parts.fetches,
        consents=parts.consents,
        figures=parts.figures,
    )
    return replace(needs, clouds=clouds)


def test_of_many_fetchers_one_renews_and_all_pages_are_fetched_once(
    engine: Engine, house: House
) -> None:
    needs = on(engine, house)
    house.withings.refresh = "refresh-4711"
    house.withings.slow_s = 0.05
    house.withings.groups = [
        {**group(number, measure(11, 60)), "modified": 5000} for number in range(4)
    ]
    needs.clouds.connections.connect(consented(cursor="0"))
    with writing(engine) as database:
        database.execute(update(device_connection).values(expires_s=0.0))

    def work(number: int) -> int:
        return fetch_due(needs, owner=f"f{number}", stopping=lambda: False)

    with ThreadPoolExecutor(FETCHERS) as pool:
        done = list(pool.map(work, range(FETCHERS)))

    assert sum(done) == 1
    assert house.withings.refreshes == 1
    assert [one.form["action"] for one in house.withings.asked] == [
        "requesttoken",
        "getmeas",
        "getmeas",
    ]
    [seen] = needs.clouds.connections.search()
    assert (seen.failures, seen.trouble) == (0, "")


def test_of_many_claims_one_gets_the_connection(engine: Engine) -> None:
    parts = sql_parts(engine)
    made = [parts.connections.connect(consented(f"{number}")) for number in range(3)]

    def claim(number: int) -> str:
        found = parts.fetches.claim(["withings"], owner=f"f{number}", lease_s=60)
        return found.connection.id if found else ""

    with ThreadPoolExecutor(FETCHERS) as pool:
        got = [id_ for id_ in pool.map(claim, range(4 * FETCHERS)) if id_]

    assert sorted(got) == sorted(one.id for one in made)


def test_of_many_who_come_back_with_one_state_one_has_it(engine: Engine) -> None:
    parts = sql_parts(engine)
    needs = on(engine, House())
    web = needs.clouds.consents
    web.begin("d1", Asked("withings", "p1", "nurse 7", "v"), life_s=900)
    with ThreadPoolExecutor(FETCHERS) as pool:
        got = list(pool.map(parts.consents.take, ["d1"] * FETCHERS))

    assert sum(one is not None for one in got) == 1


def test_of_two_patients_who_consent_for_one_account_at_once_one_has_it(engine: Engine) -> None:
    parts = sql_parts(engine)

    def connect(patient: str) -> bool:
        try:
            parts.connections.connect(consented(patient=patient))
        except Failure:
            return False
        return True

    with ThreadPoolExecutor(FETCHERS) as pool:
        got = list(pool.map(connect, [f"p{number}" for number in range(FETCHERS)]))

    assert got.count(True) == 1
    [binding] = parts.bindings.search()
    [connection] = parts.connections.search()
    assert binding.patient == connection.patient


def test_an_end_during_a_fetch_wins(engine: Engine, house: House) -> None:
    needs = on(engine, house)
    house.withings.access = "access-4711"
    house.withings.groups = [
        {**group(number, measure(11, 60)), "modified": 5000} for number in range(6)
    ]
    made = needs.clouds.connections.connect(consented(cursor="0"))
    ends = iter(["", "now"])

    def end(_request: object) -> None:
        if next(ends, ""):
            needs.clouds.connections.end(made.id, who="nurse 8")

    house.withings.then = end
    fetch_due(needs, owner="f1", stopping=lambda: False)

    assert len(house.withings.asked) == 2
    [seen] = needs.clouds.connections.search()
    assert seen.access.value == "revoked"
    assert needs.clouds.fetches.claim(["withings"], owner="f2", lease_s=1) is None


def test_connecting_and_ending_at_once_never_wait_for_each_other_in_a_circle(
    engine: Engine,
) -> None:
    parts = sql_parts(engine)
    made = parts.connections.connect(consented())

    def turn(number: int) -> str:
        try:
            if number % 2:
                parts.connections.end(made.id, who="nurse 8")
            else:
                parts.connections.connect(consented())
        except Failure as failure:
            return failure.kind.name
        return ""

    with ThreadPoolExecutor(FETCHERS) as pool:
        told = set(pool.map(turn, range(40)))

    assert told <= {"", "GONE"}
    [seen] = parts.connections.search()
    open_ended = [one for one in parts.bindings.search() if one.valid_to is None]
    assert len(open_ended) == (seen.access.value == "active")
