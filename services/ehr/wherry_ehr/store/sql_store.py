"""The FHIR store on SQLite or PostgreSQL: reading views, and one writer at a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, delete, event, select

from wherry.adapters.sql import make_engine, reading, writing
from wherry.errors import Failure, Kind
from wherry_ehr.search.query import Query, Token
from wherry_ehr.store import append, find, lookup, tables
from wherry_ehr.store.bulk import insert_all
from wherry_ehr.store.rows import Found, Fresh

PAGE_LIFE_US = 3_600_000_000
_LOCK_NUMBER = 8_731_001
_WRITER_WAIT_S = 30.0


@dataclass(frozen=True, slots=True)
class Matches:
    """One page of a search; `more` holds the sort keys to go on after, empty on the last page."""

    found: tuple[Found, ...]
    more: tuple[Any, ...] = ()


@dataclass(slots=True)
class View:
    """The store at one moment."""

    connection: Connection
    promised: list[tuple[str, int, str]] = field(default_factory=list)

    def read(self, type_: str, id_: str) -> Found | None:
        """The current version, deleted or not."""
        return self.by_ids(type_, [id_], bodies=True).get(id_)

    def version(self, type_: str, id_: str, vid: int) -> Found | None:
        """One version out of the log."""
        held = tables.version.c
        asked = (
            select(held.vid, held.seq, held.updated, held.body, tables.resource.c.rid)
            .join_from(tables.version, tables.resource, held.rid == tables.resource.c.rid)
            .where(tables.resource.c.type == type_, tables.resource.c.id == id_, held.vid == vid)
        )
        row = self.connection.execute(asked).one_or_none()
        if row is None:
            return None
        gone = not row.body
        return Found(row.rid, type_, id_, row.vid, row.seq, row.updated, gone, "", row.body)

    def by_ids(
        self, type_: str, ids: Collection[str], *, bodies: bool = False
    ) -> Mapping[str, Found]:
        """What is stored under these ids, in one query."""
        found = lookup.by_ids(self.connection, {type_: ids}, bodies=bodies)
        return {id_: one for (_, id_), one in found.items()}

    def by_targets(
        self, wanted: Mapping[str, Collection[str]], *, bodies: bool = False
    ) -> Mapping[tuple[str, str], Found]:
        """What is stored under these ids of many types, in one query."""
        return lookup.by_ids(self.connection, wanted, bodies=bodies)

    def by_identifiers(
        self, wanted: Mapping[str, Collection[Token]], *, bodies: bool = False
    ) -> Mapping[tuple[str, Token], Sequence[Found]]:
        """Who carries these identifiers, by type, in one query."""
        return lookup.by_identifiers(self.connection, wanted, bodies=bodies)

    def search(self, query: Query, after: Sequence[Any] = ()) -> Matches:
        """One page of matches in the query's order."""
        limit = query.count + 1
        rows = self.connection.execute(find.page_of(query, after).limit(limit)).all()
        width = len(query.sort) + 1
        found = tuple(Found(*row[width:]) for row in rows[: query.count])
        more = tuple(rows[query.count - 1][:width]) if 0 < query.count < len(rows) else ()
        return Matches(found, more)

    def total(self, query: Query) -> int:
        """How many match."""
        return int(self.connection.execute(find.count_of(query)).scalar_one())

    def page(self, token: str) -> str | None:
        """What was promised under this token, or None when it has expired."""
        asked = select(tables.page.c.state).where(tables.page.c.token == token)
        return self.connection.execute(asked).scalar_one_or_none()

    def promise(self, token: str, made_at: int, state: str) -> None:
        """Keep a page for a `next` link; it is written when this view ends."""
        self.promised.append((token, made_at, state))


@dataclass(slots=True)
class Writing(View):
    """The store in the hands of its only writer; all is committed at the end or nothing."""

    def append(self, fresh: Sequence[Fresh], links: Mapping[str, str]) -> None:
        """Write new versions."""
        append.append(self.connection, fresh, links)


class SqlStore:
    """Opens views and writes on one database.

    Writers take turns: SQLite has one write lock, PostgreSQL takes an advisory lock, so a condition
    that was looked up still holds when its write is committed, and the log has no gaps.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn = Lock()

    @property
    def engine(self) -> Engine:
        """The database itself, for the tables beside the store's."""
        return self._engine

    @contextmanager
    def view(self) -> Iterator[View]:
        """A moment of the store, for reading. Raises: Failure(UNAVAILABLE)."""
        with reading(self._engine) as connection:
            view = View(connection)
            yield view
        if view.promised:
            with self._writer() as connection:
                _keep_pages(connection, view.promised)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """The write lock, and one durable commit at the end. Raises: Failure(UNAVAILABLE)."""
        with self._writer() as connection:
            view = Writing(connection)
            yield view
            if view.promised:
                _keep_pages(connection, view.promised)

    def ping(self) -> None:
        """Return when the database answers and is migrated. Raises: Failure(UNAVAILABLE)."""
        with reading(self._engine) as connection:
            connection.execute(select(tables.page.c.token).limit(1))

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _writer(self) -> Iterator[Connection]:
        # waiting here is fair and cheap; SQLite would poll
        if not self._turn.acquire(timeout=_WRITER_WAIT_S):
            raise Failure(Kind.UNAVAILABLE, "too many writers are waiting")
        try:
            with writing(self._engine) as connection:
                if connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_NUMBER})")
                yield connection
        finally:
            self._turn.release()


def open_store(url: str) -> SqlStore:
    """The store at this address; its tables are made by the migrations."""
    engine = make_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune)
    return SqlStore(engine)


def _tune(dbapi: Any, _record: object) -> None:
    """More pages in memory: index pages are written many times over."""
    dbapi.execute("PRAGMA cache_size = -65536")


def _keep_pages(connection: Connection, pages: Sequence[tuple[str, int, str]]) -> None:
    oldest = pages[0][1] - PAGE_LIFE_US
    connection.execute(delete(tables.page).where(tables.page.c.made_at < oldest))
    insert_all(connection, tables.page, pages)
