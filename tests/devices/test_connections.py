"""Connections, fetches and consents: the same on the fake, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from tests.devices.fake_connections import FakeConnections
from tests.devices.harness import FakeBindings

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine, reading, writing
from wherry.errors import Failure, Kind
from wherry_devices.bindings import Bindings
from wherry_devices.bindings_sql import SqlBindings
from wherry_devices.connection_tables import (
    device_connection,
    device_consent,
    device_deed,
    device_vendor,
)
from wherry_devices.connections import (
    Access,
    Asked,
    Connections,
    Consented,
    Consents,
    Ended,
    Fetches,
    FetchFigures,
    Lent,
    Standing,
    Tokens,
)
from wherry_devices.connections_sql import SqlConnections
from wherry_devices.consents_sql import SqlConsents, SqlFetchFigures
from wherry_devices.fetches_sql import SqlFetches
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.reading import DeviceKey
from wherry_devices.migrate import upgrade
from wherry_devices.vendors.protocol import Trouble

SEALER = Sealer((b"k" * 32,))
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
OK = Ended(None, again_s=900.0)


@dataclass
class Parts:
    """The ports of one kind, and how its time passes."""

    connections: Connections
    fetches: Fetches
    consents: Consents
    figures: FetchFigures
    bindings: Bindings
    wait: Callable[[float], None]
    engine: Engine | None = None

    def claim(self, **more: Any) -> Lent | None:
        return self.fetches.claim(["withings"], owner="f1", lease_s=60, **more)

    def lent(self, **more: Any) -> Lent:
        found = self.claim(**more)
        assert found is not None
        return found


@pytest.fixture(params=["fake", "sqlite", "postgres"])
def parts(request: pytest.FixtureRequest) -> Iterator[Parts]:
    """No connection yet."""
    if request.param == "fake":
        bindings = FakeBindings()
        fake = FakeConnections(bindings)

        def wait(seconds: float) -> None:
            fake.time_s += seconds

        yield Parts(fake, fake, fake, fake, bindings, wait)
        return
    url = request.getfixturevalue(f"{request.param}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    yield sql_parts(engine)
    engine.dispose()


def sql_parts(engine: Engine) -> Parts:
    """The ports on a database whose rows grow older instead of the database's clock going on."""

    def wait(seconds: float) -> None:
        own, vendor, asked = device_connection.c, device_vendor.c, device_consent.c
        with writing(engine) as database:
            older = ("next_s", "free_s", "claimed_s", "nudged_s")
            shifted = {name: own[name] - seconds for name in older}
            database.execute(update(device_connection).values(shifted))
            fetched = update(device_connection).where(own.fetched_s > 0)
            database.execute(fetched.values(fetched_s=own.fetched_s - seconds))
            database.execute(update(device_vendor).values(free_s=vendor.free_s - seconds))
            database.execute(update(device_consent).values(expires_s=asked.expires_s - seconds))

    return Parts(
        SqlConnections(engine, SEALER),
        SqlFetches(engine, SEALER),
        SqlConsents(engine, SEALER),
        SqlFetchFigures(engine),
        SqlBindings(engine),
        wait,
        engine,
    )


def consented(
    account: str = "4711", patient: str = "p1", cursor: str = "100", by: str = "nurse 7"
) -> Consented:
    key = DeviceKey("withings", "account", account).opaque
    return Consented(
        "withings",
        patient,
        by,
        Tokens(account, f"access-{account}", f"refresh-{account}", LATER),
        "user.metrics",
        cursor,
        Binding(key, "withings", patient, SINCE, None, by),
    )


def test_a_connection_binds_the_account_and_is_due_at_once(parts: Parts) -> None:
    made = parts.connections.connect(consented())

    assert (made.access, made.patient, made.failures) == (Access.ACTIVE, "p1", 0)
    assert parts.connections.search(patient="p1") == [made]
    assert parts.connections.search(id_=made.id) == [made]
    assert parts.connections.search(patient="p2") == []
    assert [one.patient for one in parts.bindings.search(key=made.key)] == ["p1"]
    lent = parts.lent()
    assert (lent.cursor, lent.tokens.refresh_token, lent.tokens.number) == (
        "100",
        "refresh-4711",
        1,
    )
    assert lent.tokens.expires_at == LATER


def test_an_account_of_another_patient_is_not_taken_and_nothing_half_done_stays(
    parts: Parts,
) -> None:
    parts.connections.connect(consented())

    with pytest.raises(Failure) as caught:
        parts.connections.connect(consented(patient="p2"))

    assert (caught.value.kind, caught.value.at) == (Kind.CONFLICT, "account")
    assert [one.patient for one in parts.connections.search()] == ["p1"]
    assert parts.lent().tokens.number == 1


def test_a_connection_is_one_fetchers_until_its_lease_ends(parts: Parts) -> None:
    parts.connections.connect(consented())
    first = parts.lent()

    assert parts.claim() is None
    assert parts.fetches.extend(first, lease_s=60)
    parts.wait(61)
    second = parts.lent()

    assert second.connection.id == first.connection.id
    assert not parts.fetches.extend(first, lease_s=60)
    assert not parts.fetches.advance(first, "999")
    assert not parts.fetches.settle(first, OK)
    assert parts.fetches.advance(second, "200")
    assert parts.fetches.settle(second, OK)
    parts.wait(901)
    assert parts.lent().cursor == "200"


def test_a_fetched_connection_is_due_again_after_its_interval(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), OK)

    assert parts.claim() is None
    parts.wait(899)
    assert parts.claim() is None
    parts.wait(2)
    assert parts.lent().connection.id == made.id


def test_sources_that_nobody_fetches_are_not_lent(parts: Parts) -> None:
    parts.connections.connect(consented())

    assert parts.fetches.claim(["dexcom"], owner="f1", lease_s=60) is None
    assert parts.fetches.claim([], owner="f1", lease_s=60) is None


def test_new_tokens_take_the_place_of_those_that_were_lent_and_of_no_others(parts: Parts) -> None:
    parts.connections.connect(consented())
    lent = parts.lent()
    new = replace(lent.tokens, access_token="a2", refresh_token="r2", number=2)

    assert parts.fetches.renewed(lent, new)
    assert not parts.fetches.renewed(lent, replace(new, refresh_token="r3"))

    parts.wait(61)
    assert parts.lent().tokens == new


def test_new_tokens_are_kept_even_when_the_lease_was_lost_meanwhile(parts: Parts) -> None:
    parts.connections.connect(consented())
    slow = parts.lent()
    parts.wait(61)
    quick = parts.lent()

    assert parts.fetches.renewed(slow, replace(slow.tokens, refresh_token="r2", number=2))
    assert not parts.fetches.renewed(quick, replace(quick.tokens, refresh_token="r3", number=2))

    parts.wait(61)
    assert parts.lent().tokens.refresh_token == "r2"


def test_a_refused_connection_is_never_due_until_it_is_connected_again(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), Ended(Trouble.REFUSED, again_s=0))

    parts.wait(10**6)
    assert parts.claim() is None
    [seen] = parts.connections.search()
    assert (seen.access, seen.trouble) == (Access.REFUSED, "refused")
    assert parts.lent(only=made.id).connection.id == made.id  # a person may try
    parts.wait(61)

    again = parts.connections.connect(consented(cursor="777"))

    assert (again.id, again.access, again.failures) == (made.id, Access.ACTIVE, 0)
    lent = parts.lent()
    assert (lent.cursor, lent.tokens.number) == ("100", 2)


def test_an_ended_connection_has_no_tokens_no_binding_and_no_turn(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    lent = parts.lent()

    tokens = parts.connections.end(made.id, who="nurse 8")

    assert (tokens.account, tokens.refresh_token) == ("4711", "refresh-4711")
    assert not parts.fetches.extend(lent, lease_s=60)
    assert not parts.fetches.advance(lent, "200")
    assert not parts.fetches.renewed(lent, replace(lent.tokens, number=2))
    assert not parts.fetches.settle(lent, OK)
    assert parts.claim(only=made.id) is None
    [binding] = parts.bindings.search(key=made.key)
    assert binding.valid_to is not None
    assert binding.verified_by == "nurse 8"
    with pytest.raises(Failure) as caught:
        parts.connections.end(made.id, who="nurse 8")
    assert caught.value.kind is Kind.GONE
    with pytest.raises(Failure) as caught:
        parts.connections.end("c99", who="nurse 8")
    assert caught.value.kind is Kind.NOT_FOUND


def test_after_its_end_an_account_may_become_another_patients_from_then_on(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.connections.end(made.id, who="nurse 8")
    parts.wait(5)

    again = parts.connections.connect(consented(patient="p2", cursor="500"))

    assert (again.id, again.patient) == (made.id, "p2")
    assert parts.lent().cursor == "500"
    first, second = parts.bindings.search(key=made.key)
    assert (first.patient, second.patient, second.valid_to) == ("p1", "p2", None)
    assert first.valid_to is not None
    assert first.valid_to <= second.valid_from


def test_a_notice_makes_a_connection_due(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), OK)

    assert parts.connections.nudge([made.key, "0" * 32]) == 1
    assert parts.claim() is None  # notices come in swarms
    parts.wait(31)
    assert parts.lent().connection.id == made.id
    assert parts.connections.nudge([]) == 0


def test_a_notice_that_comes_during_a_fetch_is_not_lost(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    lent = parts.lent()

    parts.connections.nudge([made.key])
    parts.fetches.settle(lent, OK)

    assert parts.claim() is None
    parts.wait(31)
    assert parts.lent().connection.id == made.id


def test_a_notice_does_not_shorten_the_pause_after_a_failure_but_doubt_does(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), Ended(Trouble.AWAY, again_s=300))

    parts.wait(40)
    parts.connections.nudge([made.key])
    assert parts.claim() is None
    parts.connections.nudge([made.key], in_doubt=True)
    assert parts.lent().connection.failures == 1


def test_a_notice_about_a_refused_connection_starts_nothing(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), Ended(Trouble.REFUSED, again_s=0))

    assert parts.connections.nudge([made.key], in_doubt=True) == 0
    assert parts.claim() is None


def test_a_busy_vendor_is_asked_about_nobody_for_a_while(parts: Parts) -> None:
    for account in ("1", "2"):
        parts.connections.connect(consented(account))
    parts.fetches.settle(parts.lent(), Ended(Trouble.BUSY, again_s=60, vendor_pause_s=60))

    assert parts.claim() is None
    parts.wait(61)
    assert parts.lent().tokens.account == "2"


def test_many_failing_connections_make_a_vendor_away_and_one_at_a_time_is_tried(
    parts: Parts,
) -> None:
    keys = [parts.connections.connect(consented(f"{one}")).key for one in range(8)]
    for _ in range(5):
        parts.fetches.settle(parts.lent(), Ended(Trouble.AWAY, again_s=300))

    assert parts.claim() is None  # three were never tried, and are spared
    assert parts.figures.figures().away == {"withings": True}
    assert parts.connections.standing(keys)[keys[7]] == Standing(False, True, None)
    parts.wait(301)
    probe = parts.lent()
    assert parts.claim() is None
    parts.fetches.settle(probe, OK)
    assert parts.figures.figures().away == {"withings": False}
    assert parts.lent().connection.id != probe.connection.id


def test_one_connection_that_fails_again_and_again_says_nothing_of_the_others(
    parts: Parts,
) -> None:
    first = parts.connections.connect(consented("1"))
    for _ in range(6):
        parts.fetches.settle(parts.lent(), Ended(Trouble.AWAY, again_s=0))
    second = parts.connections.connect(consented("2"))

    stands = parts.connections.standing([first.key, second.key, "0" * 32])

    assert stands == {
        first.key: Standing(False, True, None),
        second.key: Standing(False, False, None),
    }
    assert parts.figures.figures().away == {"withings": False}


def test_standing_tells_of_refusals_and_of_the_last_fetch(parts: Parts) -> None:
    made = parts.connections.connect(consented())
    parts.fetches.settle(parts.lent(), OK)
    [seen] = parts.connections.search()
    assert parts.connections.standing([made.key]) == {
        made.key: Standing(False, False, seen.fetched_at)
    }
    assert seen.fetched_at is not None

    parts.wait(901)
    parts.fetches.settle(parts.lent(), Ended(Trouble.REFUSED, again_s=0))

    assert parts.connections.standing([made.key])[made.key].access_refused


def test_figures_count_connections_and_fetches(parts: Parts) -> None:
    for account in ("1", "2"):
        parts.connections.connect(consented(account))
    parts.fetches.settle(parts.lent(), OK)
    parts.wait(100)

    figures = parts.figures.figures()

    assert figures.connections == {("withings", "active"): 2}
    assert figures.fetches == {("withings", "ok"): 1}
    assert figures.overdue_s["withings"] == pytest.approx(100, abs=5)


def test_a_consent_works_once_and_not_for_long(parts: Parts) -> None:
    asked = Asked("withings", "p1", "nurse 7", "made-up-verifier")
    parts.consents.begin("d1", asked, life_s=900)
    parts.consents.begin("d2", asked, life_s=900)

    assert parts.consents.take("d1") == asked
    assert parts.consents.take("d1") is None
    assert parts.consents.take("d3") is None
    parts.wait(901)
    assert parts.consents.take("d2") is None


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_secret_and_no_account_is_in_the_tables(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    parts = sql_parts(engine)
    made = parts.connections.connect(consented("acc-4711"))
    parts.consents.begin("d1", Asked("withings", "p1", "nurse 7", "made-up-verifier"), life_s=9)

    with reading(engine) as database:
        tables = (device_connection, device_consent, device_deed)
        rows = [row for table in tables for row in database.execute(select(table)).all()]
        deeds = database.execute(select(device_deed.c.who, device_deed.c.what)).all()
    engine.dispose()

    for secret in ("acc-4711", "access-", "refresh-", "made-up-verifier"):
        assert secret not in repr(rows)
    assert [tuple(deed) for deed in deeds] == [("nurse 7", "connect")]
    assert made.id in repr(rows)


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tokens_do_not_open_in_another_row(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    parts = sql_parts(engine)
    one, other = (parts.connections.connect(consented(account)) for account in ("1", "2"))
    with writing(engine) as database:
        wanted = select(device_connection.c.sealed).where(device_connection.c.id == one.id)
        moved = {"sealed": database.scalar(wanted)}
        database.execute(
            update(device_connection).where(device_connection.c.id == other.id).values(moved)
        )

    with pytest.raises(Failure) as caught:
        parts.connections.end(other.id, who="nurse 8")
    engine.dispose()

    assert caught.value.kind is Kind.FAULT


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_bindings_end_is_in_time_with_the_connections(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    parts = sql_parts(engine)
    made = parts.connections.connect(consented())
    parts.connections.end(made.id, who="nurse 8")
    [binding] = parts.bindings.search(key=made.key)
    engine.dispose()

    assert binding.valid_to is not None
    assert abs(binding.valid_to - made.connected_at) < timedelta(minutes=1)
