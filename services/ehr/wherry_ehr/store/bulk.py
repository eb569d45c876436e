"""Many rows in one statement: the text is made once, the rows go straight to the driver."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Delete,
    Double,
    Insert,
    Integer,
    String,
    Update,
    bindparam,
    delete,
    insert,
    update,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import Table

Row = tuple[Any, ...]


# A length is left to the column: a cast to a shorter type would cut the text.
_ARRAYS: dict[type[Any], str] = {
    BigInteger: "bigint",
    Boolean: "boolean",
    Double: "double precision",
    Integer: "integer",
    String: "text",
}


def insert_all(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows given in the order of the table's columns."""
    if rows and connection.dialect.name == "postgresql":
        _unnested(connection, _insert_arrays(table), rows)
    elif rows:
        _each(connection, _insert(table), rows)


def delete_all(connection: Connection, table: Table, keys: Sequence[Row]) -> None:
    """Delete rows by primary key, given in the order of its columns."""
    if keys and connection.dialect.name == "postgresql":
        _unnested(connection, _delete_arrays(table), keys)
    elif keys:
        _each(connection, _delete(table), keys)


def update_all(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Overwrite rows: all other columns in their order, then the primary key's."""
    if rows and connection.dialect.name == "postgresql":
        _unnested(connection, _update_arrays(table), rows)
    elif rows:
        _each(connection, _update(table), rows)


def _each(connection: Connection, statement: Insert | Delete | Update, rows: Sequence[Row]) -> None:
    # Core's own executemany builds a dict per row, a third of the time of a large transaction
    connection.exec_driver_sql(_text(statement, connection.dialect), list(rows))


def _unnested(connection: Connection, text: str, rows: Sequence[Row]) -> None:
    """One statement and one array for each column: a tenth of the time of a statement per row."""
    connection.exec_driver_sql(text, tuple(map(list, zip(*rows, strict=True))))


@cache
def _insert_arrays(table: Table) -> str:
    columns = list(table.columns)
    named = ", ".join(column.name for column in columns)
    return f"INSERT INTO {table.name} ({named}) SELECT * FROM {_arrays(columns)}"  # noqa: S608


@cache
def _delete_arrays(table: Table) -> str:
    keys = list(table.primary_key.columns)
    return f"DELETE FROM {table.name} AS t USING {_arrays(keys)} WHERE {_same(keys)}"  # noqa: S608


@cache
def _update_arrays(table: Table) -> str:
    keys = list(table.primary_key.columns)
    others = [column for column in table.columns if column not in set(keys)]
    values = ", ".join(f"{column.name} = g.{column.name}" for column in others)
    return (
        f"UPDATE {table.name} AS t SET {values}"  # noqa: S608 - names of our own tables
        f" FROM {_arrays([*others, *keys])} WHERE {_same(keys)}"
    )


def _arrays(columns: Sequence[Column[Any]]) -> str:
    types = [next(kind for of, kind in _ARRAYS.items() if _is(column, of)) for column in columns]
    placed = ", ".join(f"%b::{kind}[]" for kind in types)
    return f"unnest({placed}) AS g ({', '.join(column.name for column in columns)})"


def _is(column: Column[Any], type_: type[Any]) -> bool:
    return isinstance(column.type, type_)


def _same(keys: Sequence[Column[Any]]) -> str:
    return " AND ".join(f"t.{column.name} = g.{column.name}" for column in keys)


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
