"""Many rows in one statement: the text is Core's, the rows go straight to the driver."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Update, bindparam, delete, insert, update
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table

Row = tuple[Any, ...]


def insert_all(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows given in the order of the table's columns."""
    _execute(connection, _insert(table), rows)


def delete_all(connection: Connection, table: Table, keys: Sequence[Row]) -> None:
    """Delete rows by primary key, given in the order of its columns."""
    _execute(connection, _delete(table), keys)


def update_all(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Overwrite rows: all other columns in their order, then the primary key's."""
    _execute(connection, _update(table), rows)


def _execute(
    connection: Connection, statement: Insert | Delete | Update, rows: Sequence[Row]
) -> None:
    # Core's own executemany builds a dict per row, a third of the time of a large transaction
    if rows:
        connection.exec_driver_sql(_text(statement, connection.dialect), list(rows))


@cache
def _text(statement: Insert | Delete | Update, dialect: Dialect) -> str:
    paramstyle = "qmark" if dialect.name == "sqlite" else "format"
    made: Any = type(
        dialect
    )  # every driver's dialect takes a paramstyle, the interface does not say so
    return str(statement.compile(dialect=made(paramstyle=paramstyle)))


@cache
def _insert(table: Table) -> Insert:
    return insert(table).values({column.name: bindparam(column.name) for column in table.columns})


@cache
def _delete(table: Table) -> Delete:
    keys = table.primary_key.columns
    return delete(table).where(*(column == bindparam(f"k_{column.name}") for column in keys))


@cache
def _update(table: Table) -> Update:
    keys = table.primary_key.columns
    values: dict[str, object] = {
        column.name: bindparam(column.name) for column in table.columns if column not in set(keys)
    }
    return (
        update(table)
        .values(values)
        .where(*(column == bindparam(f"k_{column.name}") for column in keys))
    )
