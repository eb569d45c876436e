"""Connections and consents: the same on the fake, on SQLite and on PostgreSQL."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from tests.devices.connected import LATER, OK, Parts, consented, sql_parts

from wherry.adapters.migrate import upgrade as upgrade_inbox
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine, reading, writing
from wherry.errors import Failure, Kind
from wherry_devices.accounts.connection_tables import (
    device_connection,
    device_consent,
)
from wherry_devices.accounts.connections import (
    Access,
    Asked,
)
from wherry_devices.accounts.connections_sql import SqlConnections
from wherry_devices.accounts.fetches_sql import SqlFetches
from wherry_devices.freshness.seen_tables import device_audit
from wherry_devices.migrate import upgrade


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
        tables = (device_connection, device_consent, device_audit)
        rows = [row for table in tables for row in database.execute(select(table)).all()]
        deeds = database.execute(select(device_audit.c.who, device_audit.c.what)).all()
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
        parts.lent(only=other.id)
    tokens = parts.connections.end(other.id, who="nurse 8")  # what cannot be opened can be erased
    engine.dispose()

    assert caught.value.kind is Kind.FAULT
    assert tokens.refresh_token == ""


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


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_tokens_move_to_the_key_in_use_so_that_an_old_one_may_go(
    kind: str, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue(f"{kind}_url")
    upgrade_inbox(url)
    upgrade(url)
    engine = make_engine(url)
    old, new = b"k" * 32, b"n" * 32
    made = sql_parts(engine).connections.connect(consented())

    lent = SqlFetches(engine, Sealer((new, old))).claim(["withings"], owner="f1", lease_s=60)
    assert lent is not None
    tokens = SqlConnections(engine, Sealer((new,))).end(made.id, who="nurse 8")
    engine.dispose()

    assert tokens == lent.tokens
