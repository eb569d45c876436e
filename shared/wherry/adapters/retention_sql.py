"""Messages that are done lose their bodies, then their rows; bodies get another key."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Select, delete, func, insert, select, update

from wherry.adapters.inbox_figures import note_dropped
from wherry.adapters.inbox_rows import identity
from wherry.adapters.inbox_tables import inbox_audit, message, message_state
from wherry.adapters.sealing import CLEAR, NO_KEYS, Sealer
from wherry.adapters.sql import database_now, label, reading, writing
from wherry.desk import What
from wherry.ports import State

AT_ONCE = 200
"""Messages in one transaction: short enough that no feed waits for it."""

_state = message_state.c
_GONE = _state.purged_at_s > 0
_FINISHED = _state.state == State.DONE.value


class SqlRetention:
    """Finds what is due page by page, and deals with one page in one short transaction.

    Only messages that are done are touched: what waits or lies aside stays, however old.
    """

    def __init__(self, engine: Engine, sealer: Sealer = NO_KEYS) -> None:
        self._engine = engine
        self._sealer = sealer

    def bodies(self, before: datetime, *, after: int = 0) -> list[int]:
        """Messages above `after` that came before then and still have their bodies."""
        wanted = select(_state.message_id).where(_FINISHED, ~_GONE)
        return self._page(wanted, before, after)

    def rows(self, before: datetime, *, after: int = 0) -> list[int]:
        """Messages above `after` that came before then and have lost their bodies."""
        return self._page(select(_state.message_id).where(_FINISHED, _GONE), before, after)

    def forget(self, message_ids: Sequence[int]) -> int:
        """Remove these bodies; header, digest and state stay. Returns how many there were."""
        with writing(self._engine, durable=False) as connection:
            _overwrite(connection)
            ids = _changed(
                connection,
                update(message_state)
                .where(_state.message_id.in_(message_ids), _FINISHED, ~_GONE)
                .values(purged_at_s=database_now()),
            )
            connection.execute(
                update(message).where(message.c.id.in_(ids)).values(body=b"", key_id=CLEAR)
            )
        return len(ids)

    def drop(self, message_ids: Sequence[int]) -> int:
        """Remove what is left of these messages; returns how many there were."""
        with writing(self._engine, durable=False) as connection:
            ids = _changed(
                connection,
                delete(message_state).where(_state.message_id.in_(message_ids), _FINISHED, _GONE),
            )
            gone = delete(message).where(message.c.id.in_(ids))
            senders = connection.execute(gone.returning(message.c.source, message.c.sender))
            note_dropped(connection, [(source, sender) for source, sender in senders])
        return len(ids)

    def under_other_keys(self, *, after: int = 0) -> list[int]:
        """Messages above `after` whose bodies the first key does not open."""
        other = message.c.key_id != self._sealer.key_id
        wanted = select(message.c.id).join(message_state, _state.message_id == message.c.id)
        page = wanted.where(other, ~_GONE, message.c.id > after).order_by(message.c.id)
        with reading(self._engine) as connection:
            return list(connection.scalars(page.limit(AT_ONCE)))

    def reseal(self, message_ids: Sequence[int]) -> int:
        """Encrypt these bodies with the first key, or store them clear when there is none.

        Returns how many. Raises: Failure of `Sealer.open`: then none of them was changed.
        """
        seal, count = self._sealer.group(), 0
        with writing(self._engine) as connection:
            _overwrite(connection)
            for row in connection.execute(
                select(message).where(
                    message.c.id.in_(message_ids), message.c.key_id != self._sealer.key_id
                )
            ).all():
                place = identity(row.source, row.id, row.digest)
                body = seal(self._sealer.open(row.key_id, row.body, place), place)
                changed = update(message).where(message.c.id == row.id)
                connection.execute(changed.values(body=body, key_id=self._sealer.key_id))
                count += 1
        return count

    def note(self, who: str, what: What, note: str) -> None:
        """An audit row about many messages."""
        with writing(self._engine) as connection:
            now_s = connection.scalar(select(database_now()))
            row: dict[str, object] = {
                "at_s": now_s,
                "who": label(who),
                "what": what.value,
                "message_id": 0,
            }
            connection.execute(insert(inbox_audit), row | {"note": label(note)})

    def how_many_bodies(self, before: datetime) -> int:
        """How many bodies are due: the length of the way, for whoever shows the progress."""
        with reading(self._engine) as connection:
            wanted = select(func.count()).select_from(message_state)
            due = _state.message_id <= _last_before(connection, before.timestamp())
            return int(connection.scalar(wanted.where(_FINISHED, ~_GONE, due)) or 0)

    def _page(self, wanted: Select[Any], before: datetime, after: int) -> list[int]:
        with reading(self._engine) as connection:
            last = _last_before(connection, before.timestamp())
            page = wanted.where(_state.message_id > after, _state.message_id <= last)
            return list(connection.scalars(page.order_by(_state.message_id).limit(AT_ONCE)))


def _last_before(connection: Connection, before_s: float) -> int:
    """The largest id that came before then: ids grow with time, so halving finds it."""
    ends = connection.execute(select(func.min(message.c.id), func.max(message.c.id))).one()
    low, high = int(ends[0] or 1) - 1, int(ends[1] or 0)
    while low < high:
        middle = (low + high + 1) // 2
        wanted = select(message.c.id, message.c.received_at_s).where(message.c.id <= middle)
        row = connection.execute(wanted.order_by(message.c.id.desc()).limit(1)).first()
        if row is None or row.received_at_s < before_s:
            low = middle
        else:
            high = row.id - 1
    return low


def _changed(connection: Connection, statement: Any) -> list[int]:
    return list(connection.execute(statement.returning(_state.message_id)).scalars())


def _overwrite(connection: Connection) -> None:
    """Bodies that go leave nothing readable in free pages of a SQLite file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
