"""New versions go to the end of the log; pointers and index rows follow, each in one statement."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from wherry.codec import decode
from wherry_ehr.search.extract import Rows, add, index
from wherry_ehr.store import tables
from wherry_ehr.store.bulk import Row, delete_all, insert_all, update_all
from wherry_ehr.store.lookup import bodies_of
from wherry_ehr.store.rows import Fresh
from wherry_ehr.write.told import Told

INDEXES = (
    (tables.token, "tokens"),
    (tables.reference, "references"),
    (tables.date, "dates"),
    (tables.string, "strings"),
    (tables.amount, "amounts"),
)

_LAST = "SELECT COALESCE(MAX(seq), 0) FROM fhir_version"


def append(connection: Connection, fresh: Sequence[Fresh], links: Mapping[str, str]) -> None:
    """Write these versions; `links` say what references by urn or condition became.

    The caller holds the write lock: numbers are given out here.
    """
    seq: int = connection.exec_driver_sql(_LAST).scalar_one()
    versions: list[Row] = []
    made: list[Row] = []
    changed: list[Row] = []
    rows = Rows()
    for one in fresh:
        seq += 1
        rid = one.found.rid if one.found else seq
        version = one.version
        facets = _index(version.type, one.told, rid, links, rows) if one.told else ""
        versions.append((seq, rid, version.vid, version.updated, one.body))
        current = (
            *(version.type, version.id, version.vid, seq, version.updated),
            *(one.told is None, one.digest, facets),
        )
        if one.found:
            changed.append((*current, rid))
        else:
            made.append((rid, *current))
    insert_all(connection, tables.version, versions)
    insert_all(connection, tables.resource, made)
    update_all(connection, tables.resource, changed)
    _replace(connection, _former(connection, fresh), rows)


def _index(type_: str, told: Told, rid: int, links: Mapping[str, str], into: Rows) -> str:
    if not told.certain:
        return index(type_, told.resource, rid, links, into)
    every = [element.held for element in told.elements.values() if element.held]
    return add(every, rid, links, into)


def _former(connection: Connection, fresh: Sequence[Fresh]) -> Rows:
    """The index rows that the versions before these have: they are made anew from their texts."""
    before = {one.found.seq: one.found for one in fresh if one.found and not one.found.gone}
    rows = Rows()
    for seq, body in bodies_of(connection, before).items():
        index(before[seq].type, decode(body), before[seq].rid, {}, rows)
    return rows


def _replace(connection: Connection, old: Rows, new: Rows) -> None:
    """Most rows of a new version equal those of the last one and are left alone."""
    for table, name in INDEXES:
        before, after = set(getattr(old, name)), set(getattr(new, name))
        delete_all(connection, table, sorted(before - after))
        insert_all(connection, table, sorted(after - before))  # two parts may say the same
