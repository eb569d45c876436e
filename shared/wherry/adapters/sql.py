"""A database address turned into an engine whose failures are safe: no value ever leaves it."""

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Double, Engine, Table, TextClause, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import Insert as PostgresInsert
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from wherry.adapters.wal import Checkpoints
from wherry.errors import Failure, Kind

# unixepoch('subsec') came with SQLite 3.42; 2440587.5 is 1970-01-01T00:00Z as a Julian day
SQLITE_NOW = "((julianday('now') - 2440587.5) * 86400.0)"
_LABEL_CHARS = 255
# A peer that vanished is noticed within half a minute. Source: libpq, Parameter Key Words.
_PEER = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,  # ms
}
_IDLE = 4  # times as long as others wait, and a process that sleeps loses its transaction
# How often a SQLite writer asks again for its turn: whoever owes somebody an answer goes first.
_ASK_AGAIN_S = {True: 0.0002, False: 0.001}
_SELDOM_S = 0.005


class database_now(FunctionElement[float]):
    """Seconds since 1970 by the database's clock, so that machines need not agree on the time."""

    type = Double()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _postgresql_now(_element: database_now, _compiler: SQLCompiler, **_: object) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@compiles(database_now, "sqlite")
def _sqlite_now(_element: database_now, _compiler: SQLCompiler, **_: object) -> str:
    return SQLITE_NOW


def make_engine(url: str, *, busy_timeout_s: float = 5.0) -> Engine:
    """Open the database of this address: SQLite in WAL with synchronous FULL, or PostgreSQL.

    A SQLite file is created readable by its owner only: it holds patients' messages.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, busy_timeout_s)
    return _postgresql(parsed, busy_timeout_s)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads. Raises: Failure(UNAVAILABLE)."""
    with _safely(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine, *, durable: bool = True) -> Iterator[Connection]:
    """A transaction that writes, from its start; on return it is committed.

    With `durable=False` a power cut may undo it, a killed process not: enough for notes that can
    be made again, and it spares an fsync.
    Raises: Failure(UNAVAILABLE).
    """
    with _safely(), _in_turn(engine), engine.connect() as raw:
        connection = raw.execution_options(wherry_writes=durable)
        with connection.begin():
            if not durable and connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection


def of_sqlite(connection: Connection) -> sqlite3.Connection:
    """The driver's own connection, for statements that are run too often for anything around it.

    It is in the transaction of `reading` or `writing`, and what it raises becomes their Failure.
    """
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)


def quickly(connection: Connection, statement: str, values: dict[str, Any]) -> list[Any]:
    """The rows of a statement with `:names`, with as little as can be around it.

    For what runs while others wait for the one writer of SQLite.
    """
    if connection.dialect.name == "sqlite":
        return of_sqlite(connection).execute(statement, values).fetchall()
    found = connection.execute(_text(statement), values)
    return list(found.all()) if found.returns_rows else []


@cache
def _text(statement: str) -> TextClause:
    return text(statement)


def upsert(dialect: str, table: Table) -> SqliteInsert | PostgresInsert:
    """An INSERT to which `on_conflict_do_update` can be added; both databases spell it alike."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def label(said: str) -> str:
    """Text that every database takes: no NUL, no lone surrogates, cut at 255 characters."""
    cut = said[:_LABEL_CHARS].replace("\x00", "\ufffd")
    return cut.encode("utf-8", "replace").decode("utf-8")


def _postgresql(url: URL, busy_timeout_s: float) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=5,
        connect_args={"connect_timeout": 5, **_PEER},
    )
    wait_ms = round(busy_timeout_s * 1000)

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: Any, _record: object) -> None:
        # statements, as a pooler between may refuse such parameters at the start
        with dbapi.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {wait_ms}")
            cursor.execute(f"SET idle_in_transaction_session_timeout = {wait_ms * _IDLE}")
        dbapi.commit()

    return engine


def _sqlite(url: URL, busy_timeout_s: float) -> Engine:
    if url.database:
        path = Path(url.database)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
        except OSError:
            raise Failure(Kind.UNAVAILABLE, "the database file cannot be made") from None
    turn = _Turn(threading.Lock(), busy_timeout_s, Checkpoints(url.database or ""))
    engine = create_engine(url, hide_parameters=True, execution_options={"wherry_turn": turn})

    @event.listens_for(engine, "connect")
    def _prepare(dbapi: Any, _record: object) -> None:
        dbapi.isolation_level = None  # the module's own BEGIN comes too late for a write lock
        dbapi.execute(f"PRAGMA busy_timeout = {round(busy_timeout_s * 1000)}")
        _use_wal(dbapi, busy_timeout_s)
        dbapi.execute("PRAGMA wal_autocheckpoint = 0")  # nobody's commit is to wait for one
        dbapi.execute("PRAGMA synchronous = FULL")
        dbapi.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        durable = connection.get_execution_options().get("wherry_writes")
        if durable is None:
            of_sqlite(connection).execute("BEGIN")
        else:
            _begin_writing(connection, durable, busy_timeout_s)

    return engine


def _begin_writing(connection: Connection, durable: bool, patience_s: float) -> None:
    """Begin once nobody else writes; SQLite's own waiting sleeps for up to 100 ms at a time."""
    dbapi = of_sqlite(connection)
    dbapi.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    dbapi.execute("PRAGMA busy_timeout = 0")
    pause_s, deadline_s = _ASK_AGAIN_S[durable], time.monotonic() + patience_s
    try:
        while True:
            try:
                dbapi.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if _is_something_else(error) or time.monotonic() > deadline_s:
                    raise
            time.sleep(pause_s * random.uniform(0.75, 1.25))  # noqa: S311 - so as not to march in step
            pause_s = min(pause_s * 1.1, _SELDOM_S)
    finally:
        dbapi.execute(f"PRAGMA busy_timeout = {round(patience_s * 1000)}")


def _is_something_else(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY


def _use_wal(dbapi: sqlite3.Connection, patience_s: float) -> None:
    # a new file's first switch to WAL does not wait for others who do the same just now
    deadline_s = time.monotonic() + patience_s
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if _is_something_else(error) or time.monotonic() > deadline_s:
                raise
            time.sleep(0.01)


@dataclass(frozen=True, slots=True)
class _Turn:
    lock: threading.Lock
    patience_s: float
    checkpoints: Checkpoints


@contextmanager
def _in_turn(engine: Engine) -> Iterator[None]:
    # SQLite lets writers poll, and the unlucky one starves; between threads a lock does better
    turn = engine.get_execution_options().get("wherry_turn")
    if not isinstance(turn, _Turn):
        yield
        return
    if not turn.lock.acquire(timeout=turn.patience_s):
        raise Failure(Kind.UNAVAILABLE, "the database is busy")
    try:
        yield
    finally:
        turn.lock.release()
        turn.checkpoints.written()


@contextmanager
def _safely() -> Iterator[None]:
    # the driver's own text may repeat values of the statement, so only its code is passed on
    try:
        yield
    except (IntegrityError, DataError, sqlite3.IntegrityError, sqlite3.DataError):
        raise Failure(Kind.FAULT, "the database refused a value") from None
    except (SQLAlchemyError, sqlite3.Error) as error:
        code = _code(error)
        raise Failure(Kind.UNAVAILABLE, f"the database is not available ({code})") from None


def _code(error: SQLAlchemyError | sqlite3.Error) -> str:
    driver = error.orig if isinstance(error, DBAPIError) else error
    for name in ("sqlite_errorname", "sqlstate"):
        if code := getattr(driver, name, None):
            return str(code)
    return type(driver).__name__
