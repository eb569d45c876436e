"""Bulk look-ups: ids or identifiers of many types in one query.

The statements are SQL text and go to the driver as they are: to build one, or to let Core run it,
takes longer than its twenty rows.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from itertools import starmap
from typing import Any

from sqlalchemy import ColumnElement, Connection

from wherry.codec import encode
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import Token
from wherry_ehr.store.rows import Found
from wherry_ehr.store.tables import resource

_FOUND = ("rid", "type", "id", "vid", "seq", "updated", "gone", "digest")


def current_of(r: Any) -> tuple[ColumnElement[Any], ...]:
    """The columns of `Found` but its body, from a row of `r`, the resources."""
    return tuple(r.c[name] for name in _FOUND)


CURRENT = current_of(resource)

# Pairs of a first and a second text: SQLite reads one JSON text in half the time of hundreds of
# values, {"first": ["second", …]}; the order of its joins is fixed, as it knows nothing of sizes.
_GIVEN = {
    "sqlite": "json_each(?) AS p CROSS JOIN json_each(p.value) AS g",
    "postgresql": "unnest(%s::text[], %s::text[]) AS g (key, value)",
}
_FIRST = {"sqlite": "p.key", "postgresql": "g.key"}
_JOIN = {"sqlite": "CROSS JOIN", "postgresql": "JOIN"}

Targets = Mapping[str, Collection[str]]
"""Second texts by first ones: ids by type."""


def by_ids(
    connection: Connection, wanted: Targets, *, bodies: bool = False
) -> dict[tuple[str, str], Found]:
    """What is stored under these ids, by type and id, deleted ones included."""
    if not any(wanted.values()):
        return {}
    asked = _by_ids(connection.dialect.name, bodies)
    rows = connection.exec_driver_sql(asked, _given(connection, wanted))
    return {(found.type, found.id): found for found in starmap(Found, rows)}


def by_identifiers(
    connection: Connection, wanted: Mapping[str, Collection[Token]], *, bodies: bool = False
) -> Mapping[tuple[str, Token], list[Found]]:
    """Who carries each of these identifiers, by type, oldest first.

    A Token may leave the system open.
    """
    keys: defaultdict[str, defaultdict[str, list[Token]]] = defaultdict(lambda: defaultdict(list))
    for type_, tokens in wanted.items():
        if param := parameters()[type_].get("identifier"):
            of_type = keys[param.row]
            for one in tokens:
                if one.code is not None:
                    of_type[one.code].append(one)
    matches: defaultdict[tuple[str, Token], list[Found]] = defaultdict(list)
    if not any(keys.values()):
        return matches
    asked = _by_identifiers(connection.dialect.name, bodies)
    for row, value, system, *columns in connection.exec_driver_sql(asked, _given(connection, keys)):
        found = Found(*columns)
        for key in keys[row][value]:
            if key.system in {system, None} and found not in matches[found.type, key]:
                matches[found.type, key].append(found)
    return matches


def bodies_of(connection: Connection, seqs: Collection[int]) -> dict[int, str]:
    """The JSON texts of these versions."""
    if not seqs:
        return {}
    if connection.dialect.name == "sqlite":
        asked = "SELECT seq, body FROM fhir_version WHERE seq IN (SELECT value FROM json_each(?))"
        rows = connection.exec_driver_sql(asked, (encode(list(seqs)).decode(),))
    else:
        asked = "SELECT seq, body FROM fhir_version WHERE seq = ANY(%s::bigint[])"
        rows = connection.exec_driver_sql(asked, (list(seqs),))
    return {seq: body for seq, body in rows}  # noqa: C416 - dict() takes no rows by its types


def _given(connection: Connection, wanted: Targets) -> tuple[Any, ...]:
    """The parameters that stand for all pairs of a first and a second text."""
    if connection.dialect.name == "sqlite":
        return (encode({first: list(seconds) for first, seconds in wanted.items()}).decode(),)
    pairs = [(first, second) for first, seconds in wanted.items() for second in seconds]
    return [first for first, _ in pairs], [second for _, second in pairs]


@cache
def _by_ids(dialect: str, bodies: bool) -> str:
    join = _JOIN[dialect]
    return (
        f"SELECT {_columns(bodies)} FROM {_GIVEN[dialect]}"  # noqa: S608 - our own texts alone
        f" {join} fhir_resource AS r ON r.type = {_FIRST[dialect]} AND r.id = g.value"
        f"{_body(join, bodies)}"
    )


@cache
def _by_identifiers(dialect: str, bodies: bool) -> str:
    join = _JOIN[dialect]
    return (
        f"SELECT t.param, t.value, t.system, {_columns(bodies)}"  # noqa: S608 - as above
        f" FROM {_GIVEN[dialect]}"
        f" {join} fhir_token AS t ON t.param = {_FIRST[dialect]} AND t.value = g.value"
        f" {join} fhir_resource AS r ON r.rid = t.rid{_body(join, bodies)} ORDER BY r.rid"
    )


def _columns(bodies: bool) -> str:
    named = [f"r.{name}" for name in _FOUND]
    return ", ".join([*named, "v.body"] if bodies else named)


def _body(join: str, bodies: bool) -> str:
    return f" {join} fhir_version AS v ON v.seq = r.seq" if bodies else ""
