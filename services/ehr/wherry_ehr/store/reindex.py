"""All index rows made anew when the table of search parameters has changed since they were made."""

from sqlalchemy import Connection, delete, insert, select, update

from wherry.adapters.sql import make_engine, writing
from wherry.codec import decode
from wherry_ehr.search.extract import Rows, index
from wherry_ehr.search.params import edition
from wherry_ehr.store import tables
from wherry_ehr.store.append import INDEXES
from wherry_ehr.store.bulk import insert_all
from wherry_ehr.store.sql_store import LOCK_NUMBER

_AT_ONCE = 1000


def reindex(url: str) -> int:
    """Bring the index rows up to date and say how many resources that were; 0 when they were.

    One transaction: searches find by the old rows until it is done. Raises: Failure(UNAVAILABLE).
    """
    engine = make_engine(url, busy_timeout_s=30.0)
    try:
        with writing(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_NUMBER})")
            held = connection.execute(select(tables.edition.c.edition)).scalar_one_or_none()
            return 0 if held == edition() else _all(connection)
    finally:
        engine.dispose()


def _all(connection: Connection) -> int:
    for table, _ in INDEXES:
        connection.execute(delete(table))
    r, v = tables.resource.c, tables.version.c
    done, last = 0, 0
    asked = (
        select(r.rid, r.type, v.body)
        .join_from(tables.resource, tables.version, v.seq == r.seq)
        .where(r.gone.is_(False))
        .order_by(r.rid)
        .limit(_AT_ONCE)
    )
    while chunk := connection.execute(asked.where(r.rid > last)).all():
        rows = Rows()
        for rid, type_, body in chunk:
            facets = index(type_, decode(body), rid, {}, rows)
            connection.execute(update(tables.resource).where(r.rid == rid).values(facets=facets))
        for table, name in INDEXES:
            insert_all(connection, table, sorted(set(getattr(rows, name))))
        done, last = done + len(chunk), chunk[-1].rid
    connection.execute(delete(tables.edition))
    connection.execute(insert(tables.edition).values(edition=edition()))
    return done
