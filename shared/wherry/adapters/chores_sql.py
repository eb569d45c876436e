"""Work that one process at a time does becomes a row: who has it until when, when it was done."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, select, update

from wherry.adapters.inbox_tables import chore
from wherry.adapters.sql import database_now, label, reading, upsert, writing
from wherry.retention import Chore

_row = chore.c
_UNTOUCHED = {"owner": "", "free_at_s": 0.0, "ended_s": 0.0, "bodies": 0, "rows_": 0}


class SqlChores:
    """The `Chores` port on one table; leases are in the database's time."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def take(self, name: str, *, due: datetime, owner: str, lease_s: float) -> bool:
        """Whether it is ours until the lease ends."""
        with writing(self._engine, durable=False) as connection:
            _there(connection, name)
            now_s = connection.scalar(select(database_now())) or 0.0
            return _changed(
                connection,
                update(chore)
                .where(_row.name == name, _row.ended_s < due.timestamp(), _row.free_at_s <= now_s)
                .values(owner=label(owner), free_at_s=now_s + lease_s),
            )

    def extend(self, name: str, *, owner: str, lease_s: float) -> bool:
        """Renew the lease; False when somebody else has it."""
        with writing(self._engine, durable=False) as connection:
            return _changed(
                connection,
                update(chore)
                .where(_row.name == name, _row.owner == label(owner))
                .values(free_at_s=database_now() + lease_s),
            )

    def done(self, name: str, *, bodies: int, rows: int, owner: str = "") -> None:
        """Add to what was removed; it counts as done when it was this owner's, or nobody's."""
        with writing(self._engine) as connection:
            _there(connection, name)
            more = {"bodies": _row.bodies + bodies, "rows_": _row.rows_ + rows}
            connection.execute(update(chore).where(_row.name == name).values(more))
            ended = {"owner": "", "free_at_s": 0.0, "ended_s": database_now()}
            theirs = update(chore).where(_row.name == name, _row.owner == label(owner))
            connection.execute(theirs.values(ended))

    def last(self, name: str) -> Chore:
        """When it was done last, and what it removed."""
        with reading(self._engine) as connection:
            row = connection.execute(select(chore).where(_row.name == name)).one_or_none()
        if row is None:
            return Chore()
        ended = datetime.fromtimestamp(row.ended_s, UTC) if row.ended_s else None
        return Chore(ended, row.bodies, row.rows_)


def _there(connection: Connection, name: str) -> None:
    made = upsert(connection.dialect.name, chore).values(name=name, **_UNTOUCHED)
    connection.execute(made.on_conflict_do_nothing())


def _changed(connection: Connection, statement: Any) -> bool:
    return connection.execute(statement.returning(_row.name)).first() is not None
