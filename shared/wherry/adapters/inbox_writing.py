"""Rows of arrivals written in few statements: ids and time, then messages, then how they stand."""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Table, insert, text

from wherry.adapters.inbox_tables import message, message_state
from wherry.adapters.sql import SQLITE_NOW, of_sqlite

# Each step of a statement lets go of Python's lock and waits for it again, so rows go in together:
# as many as fit, then fewer. Every size is a statement that SQLite has prepared before.
_AT_ONCE = (64, 16, 4, 1)
_LEFT_TO_DEFAULTS = frozenset({"purged_at_s", "repeats"})
_IDS_SQLITE = f"""
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'message'), 0), {SQLITE_NOW}
"""  # noqa: S608 - our own text
_IDS_POSTGRESQL = text("""
SELECT nextval(pg_get_serial_sequence('message', 'id')),
    CAST(extract(epoch FROM clock_timestamp()) AS double precision)
FROM generate_series(1, :count)
""")


def next_ids(connection: Connection, count: int) -> tuple[Sequence[int], float]:
    """Ids for so many messages, in order, and the database's time; to be asked in a turn."""
    if connection.dialect.name == "sqlite":
        last, now_s = of_sqlite(connection).execute(_IDS_SQLITE).fetchone()
        return range(last + 1, last + 1 + count), now_s
    taken = connection.execute(_IDS_POSTGRESQL, {"count": count}).all()
    return [int(id_) for id_, _ in taken], taken[0][1]


def insert_rows(
    connection: Connection, rows: Sequence[dict[str, Any]], states: Sequence[dict[str, Any]]
) -> None:
    """Insert rows of `message` and their rows of `message_state`."""
    for table, each in ((message, rows), (message_state, states)):
        if connection.dialect.name == "sqlite":
            _insert_sqlite(connection, table, each)
        else:
            connection.execute(insert(table), each)


def _insert_sqlite(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    execute = of_sqlite(connection).execute
    values = list(map(itemgetter(*_columns(table)), rows))
    at = 0
    for size in _AT_ONCE:
        while len(values) - at >= size:
            group = values[at : at + size]
            execute(_statement(table, size), [value for row in group for value in row])
            at += size


@cache
def _columns(table: Table) -> tuple[str, ...]:
    return tuple(one.name for one in table.columns if one.name not in _LEFT_TO_DEFAULTS)


@cache
def _statement(table: Table, rows: int) -> str:
    names = _columns(table)
    row = f"({', '.join('?' * len(names))})"
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES {', '.join([row] * rows)}"  # noqa: S608 - names of our own tables
