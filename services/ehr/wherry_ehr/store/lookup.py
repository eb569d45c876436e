"""Bulk look-ups: many ids or identifiers of one type in one query."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import starmap
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Text, bindparam, func, select

from wherry.codec import encode
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import Token
from wherry_ehr.store.rows import Found
from wherry_ehr.store.tables import resource, token, version

# Both databases take more bound values than this in one statement.
CHUNK = 5000

CURRENT = (
    resource.c.rid,
    resource.c.type,
    resource.c.id,
    resource.c.vid,
    resource.c.seq,
    resource.c.updated,
    resource.c.gone,
    resource.c.digest,
)


def by_ids(
    connection: Connection, type_: str, ids: Collection[str], *, bodies: bool = False
) -> dict[str, Found]:
    """What is stored under these ids, deleted ones included."""
    asked = _by_ids(connection.dialect.name, bodies)
    return {
        found.id: found
        for chunk in _chunks(connection, ids)
        for found in starmap(Found, connection.execute(asked, {"type": type_, "given": chunk}))
    }


def by_identifiers(
    connection: Connection, type_: str, wanted: Collection[Token], *, bodies: bool = False
) -> Mapping[Token, list[Found]]:
    """Who carries each of these identifiers, oldest first; a Token may leave the system open."""
    param = parameters()[type_].get("identifier")
    matches: defaultdict[Token, list[Found]] = defaultdict(list)
    if param is None:
        return matches
    asked = _by_identifiers(connection.dialect.name, bodies)
    keys: defaultdict[str, list[Token]] = defaultdict(list)
    for one in wanted:
        if one.code is not None:
            keys[one.code].append(one)
    for chunk in _chunks(connection, keys):
        rows = connection.execute(asked, {"param": param.row, "given": chunk})
        for value, system, *columns in rows:
            for key in keys[value]:
                if key.system in {system, None} and (found := Found(*columns)) not in matches[key]:
                    matches[key].append(found)
    return matches


def bodies_of(connection: Connection, seqs: Collection[int]) -> dict[int, str]:
    """The JSON texts of these versions."""
    asked = _bodies(connection.dialect.name)
    return {
        seq: body
        for chunk in _chunks(connection, seqs)
        for seq, body in connection.execute(asked, {"given": chunk})
    }


# Statements are built once: building one takes as long as running it for twenty rows.
@cache
def _by_ids(dialect: str, bodies: bool) -> Select[*tuple[Any, ...]]:
    return _current(bodies).where(
        resource.c.type == bindparam("type"), _given(dialect, resource.c.id)
    )


@cache
def _by_identifiers(dialect: str, bodies: bool) -> Select[*tuple[Any, ...]]:
    return (
        _current(bodies, token.c.value, token.c.system)
        .join(token, token.c.rid == resource.c.rid)
        .where(token.c.param == bindparam("param"), _given(dialect, token.c.value))
        .order_by(resource.c.rid)
    )


@cache
def _bodies(dialect: str) -> Select[*tuple[Any, ...]]:
    return select(version.c.seq, version.c.body).where(_given(dialect, version.c.seq))


def _given(dialect: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """In the list `given`: SQLite reads one JSON text in half the time of hundreds of values."""
    if dialect != "sqlite":
        return column.in_(bindparam("given", expanding=True))
    listed = func.json_each(bindparam("given", type_=Text)).table_valued("value")
    return column.in_(select(listed.c.value))


def _current(bodies: bool, *first: ColumnElement[str]) -> Select[*tuple[Any, ...]]:
    if not bodies:
        return select(*first, *CURRENT).select_from(resource)
    joined = resource.join(version, version.c.seq == resource.c.seq)
    return select(*first, *CURRENT, version.c.body).select_from(joined)


def _chunks(connection: Connection, items: Iterable[object]) -> Iterator[object]:
    """The items in lists of bounded length, as the statements take them."""
    listed = list(items)
    for start in range(0, len(listed), CHUNK):
        chunk = listed[start : start + CHUNK]
        yield encode(chunk).decode() if connection.dialect.name == "sqlite" else chunk
