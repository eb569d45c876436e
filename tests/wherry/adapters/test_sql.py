"""Databases that are away, full, locked or broken are failures that say nothing of a patient."""

import sqlite3
import threading
import time
import traceback
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import Engine, event, select, text

from wherry.adapters.changes_sql import SqlChanges
from wherry.adapters.inbox_sql import SqlInbox
from wherry.adapters.migrate import upgrade
from wherry.adapters.sql import database_now, make_engine, reading, writing
from wherry.errors import Failure, Kind
from wherry.ports import Arrival

SECRET = "Synthetic^Patient"
ARRIVAL = Arrival("hl7", SECRET.encode() * 500, sender=SECRET, control_id=SECRET, keys=(SECRET,))


class Database(Protocol):
    url: str
    engine: Engine


def refusal(inbox: SqlInbox) -> Failure:
    with pytest.raises(Failure) as caught:
        inbox.keep([ARRIVAL] * 100)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    assert caught.value.__suppress_context__, "the driver's own text must not be shown"
    return caught.value


def test_a_full_disk_is_unavailable(sqlite_url: str) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)

    @event.listens_for(engine, "connect")
    def _little_room(dbapi: Any, _record: object) -> None:
        dbapi.execute("PRAGMA max_page_count = 20")

    failure = refusal(SqlInbox(engine))
    engine.dispose()

    assert (failure.kind, failure.detail) == (
        Kind.UNAVAILABLE,
        "the database is not available (SQLITE_FULL)",
    )


def test_a_locked_database_is_unavailable(sqlite_url: str, tmp_path: Path) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url, busy_timeout_s=0.01)
    other = sqlite3.connect(tmp_path / "wherry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    failure = refusal(SqlInbox(engine))
    other.close()
    engine.dispose()

    assert failure.detail == "the database is not available (SQLITE_BUSY)"


def test_a_writer_goes_on_as_soon_as_the_other_is_done(sqlite_url: str, tmp_path: Path) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    inbox = SqlInbox(engine)
    other = sqlite3.connect(tmp_path / "wherry.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.3, other.execute, ("COMMIT",)).start()

    began_s = time.monotonic()
    ids = inbox.keep([ARRIVAL])
    waited_s = time.monotonic() - began_s
    other.close()
    engine.dispose()

    assert ids == [1]
    assert 0.25 < waited_s < 4, "it waited for its turn, and not for its patience to end"


def test_a_fresh_lease_is_looked_at_while_somebody_else_writes(
    sqlite_url: str, tmp_path: Path
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url, busy_timeout_s=0.01)
    inbox = SqlInbox(engine)
    inbox.keep([Arrival("hl7", b"synthetic", keys=("a",))])
    claim = inbox.claim("hl7", owner="worker", limit=1, lease_s=60)
    assert claim is not None
    other = sqlite3.connect(tmp_path / "wherry.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    held = inbox.extend(claim, lease_s=60)
    with pytest.raises(Failure):
        inbox.extend(claim, lease_s=600)
    other.close()
    engine.dispose()

    assert held


def test_a_file_that_is_no_database_is_unavailable(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "wherry.db").write_bytes(b"not a database" * 100)
    engine = make_engine(sqlite_url)

    failure = refusal(SqlInbox(engine))
    engine.dispose()

    assert failure.detail == "the database is not available (SQLITE_NOTADB)"


def test_sqlalchemy_is_told_to_hide_values(database: Database) -> None:
    assert database.engine.hide_parameters


def test_a_place_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(Failure) as caught:
        make_engine(f"sqlite:///{tmp_path}/file/wherry.db")

    assert caught.value.kind is Kind.UNAVAILABLE


def test_a_server_that_is_away_is_unavailable() -> None:
    engine = make_engine("postgresql+psycopg://nobody:secret@127.0.0.1:1/none")

    with pytest.raises(Failure) as caught:
        SqlInbox(engine).ping()
    engine.dispose()

    assert caught.value.kind is Kind.UNAVAILABLE
    assert "secret" not in str(caught.value)


def test_an_inbox_without_tables_does_not_answer(sqlite_url: str, postgres_url: str) -> None:
    for url in (sqlite_url, postgres_url):
        engine = make_engine(url)
        with pytest.raises(Failure) as caught:
            SqlInbox(engine).ping()
        engine.dispose()
        assert caught.value.kind is Kind.UNAVAILABLE


def test_connections_that_the_server_closed_are_replaced(postgres_url: str) -> None:
    upgrade(postgres_url)
    engine, other = make_engine(postgres_url), make_engine(postgres_url)
    inbox = SqlInbox(engine)
    inbox.ping()
    with writing(other) as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    other.dispose()

    ids = inbox.keep([ARRIVAL])
    engine.dispose()

    assert ids == [1]


def test_a_value_that_the_database_refuses_is_our_fault_and_is_not_told(
    database: Database,
) -> None:
    statement = text("INSERT INTO patient_change (patient_id) VALUES (:patient)")

    with pytest.raises(Failure) as caught, writing(database.engine) as connection:
        connection.execute(statement, {"patient": SECRET})

    assert (caught.value.kind, caught.value.detail) == (Kind.FAULT, "the database refused a value")
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_what_failed_half_way_is_undone(database: Database) -> None:
    changes = SqlChanges(database.engine)
    insert = text("INSERT INTO patient_change VALUES ('a', 1, 0, 0, '', 0)")

    def twice() -> None:
        with writing(database.engine) as connection:
            connection.execute(insert)
            connection.execute(insert)  # refused: there is one already

    with pytest.raises(Failure):
        twice()

    assert changes.waiting() == 0


def test_the_databases_clock_tells_seconds_since_1970(database: Database) -> None:
    with reading(database.engine) as connection:
        now_s, native = connection.execute(
            select(
                database_now(),
                text(
                    "strftime('%s', 'now')"
                    if database.engine.dialect.name == "sqlite"
                    else "floor(extract(epoch FROM clock_timestamp()))"
                ),
            )
        ).one()

    assert abs(now_s - float(native)) < 2


def test_a_sqlite_inbox_survives_power_cuts_and_is_its_owners_alone(
    sqlite_url: str, tmp_path: Path
) -> None:
    upgrade(sqlite_url)
    engine = make_engine(sqlite_url)
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")

    seen: dict[str, Any] = {}
    SqlInbox(engine).claim("hl7", owner="worker", limit=1, lease_s=1)  # this one is not durable
    with writing(engine) as connection:
        for pragma in pragmas:
            seen[pragma] = connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
    engine.dispose()

    assert seen == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }
    assert (tmp_path / "wherry.db").stat().st_mode & 0o777 == 0o600
