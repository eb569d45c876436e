"""Marks on changed patients turned into due looks: many marks, one look."""

from collections.abc import Sequence
from secrets import randbits
from typing import Any

from sqlalchemy import Connection, Engine, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from wherry.adapters.inbox_tables import patient_change
from wherry.adapters.sql import database_now, label, reading, writing
from wherry.ports import PATIENCE, State

_row = patient_change.c


class SqlChanges:
    """The `Changes` port on one table.

    A mark number is random and not counted up: a row that was forgotten and made anew must not
    look like the one that somebody still holds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def mark(self, patient_ids: Sequence[str]) -> None:
        """Note that these patients changed."""
        if not patient_ids:
            return
        mark = randbits(62)
        with writing(self._engine) as connection:
            now_s = connection.scalar(select(database_now()))
            # sorted: two writers that meet the same rows in one order cannot deadlock
            connection.execute(
                _upsert(connection),
                [
                    {
                        "patient_id": patient_id,
                        "mark": mark,
                        "since_s": now_s,
                        "marked_s": now_s,
                        "owner": "",
                        "free_at_s": 0.0,
                    }
                    for patient_id in sorted(set(patient_ids))
                ],
            )

    def due(
        self, *, owner: str, limit: int, quiet_s: float, lease_s: float
    ) -> list[tuple[str, int]]:
        """Lend patients that went quiet, or that waited too long for quiet."""
        with writing(self._engine, durable=False) as connection:
            now_s = connection.scalar(select(database_now())) or 0.0
            quiet = (
                select(_row.patient_id, _row.mark)
                .where(
                    _row.state == State.WAITING.value,
                    _row.free_at_s <= now_s,
                    or_(
                        _row.marked_s <= now_s - quiet_s,
                        _row.since_s <= now_s - PATIENCE * quiet_s,
                        _row.marked_s > now_s + quiet_s,  # the clock was set back since
                    ),
                )
                .order_by(_row.since_s, _row.patient_id)
                .limit(limit)
                .with_for_update(skip_locked=True)
            )
            lent = [(patient_id, mark) for patient_id, mark in connection.execute(quiet)]
            if lent:
                connection.execute(
                    update(patient_change)
                    .where(_row.patient_id.in_([patient_id for patient_id, _ in lent]))
                    .values(owner=label(owner), free_at_s=now_s + lease_s)
                )
            return lent

    def settle(self, looked_at: Sequence[tuple[str, int]]) -> None:
        """Forget those whose mark is still the one that was lent; free the others."""
        with writing(self._engine, durable=False) as connection:
            for patient_id, mark in sorted(looked_at):
                same = _row.patient_id == patient_id
                if connection.execute(
                    delete(patient_change).where(same, _row.mark == mark)
                ).rowcount:
                    continue
                connection.execute(
                    update(patient_change)
                    .where(same)
                    .values(owner="", free_at_s=0.0, since_s=_row.marked_s, attempts=0, reason="")
                )

    def put_off(self, lent: tuple[str, int], *, reason: str, pauses: Sequence[float]) -> bool:
        """Lend again after the pause of this attempt; after the last one set aside."""
        patient_id, mark = lent
        with writing(self._engine) as connection:
            now_s = connection.scalar(select(database_now())) or 0.0
            row = connection.execute(
                select(_row.mark, _row.attempts)
                .where(_row.patient_id == patient_id)
                .with_for_update()
            ).one_or_none()
            if row is None:
                return False
            aside = bool(row.attempts >= len(pauses) and row.mark == mark)
            pause_s = pauses[min(row.attempts, len(pauses) - 1)] if pauses else 0.0
            connection.execute(
                update(patient_change)
                .where(_row.patient_id == patient_id)
                .values(
                    state=(State.ASIDE if aside else State.WAITING).value,
                    attempts=row.attempts + 1,
                    reason=label(reason),
                    tried_s=now_s,
                    free_at_s=now_s + pause_s,
                    owner="",
                )
            )
            return aside

    def waiting(self) -> int:
        """How many patients are still to be looked at."""
        counted = select(func.count()).where(_row.state == State.WAITING.value)
        with reading(self._engine) as connection:
            return connection.scalar(counted) or 0


def _upsert(connection: Connection) -> Any:
    # the same statement twice: SQLAlchemy spells ON CONFLICT per dialect
    insert: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(patient_change)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[_row.patient_id],
        set_={
            "mark": new.mark,
            "marked_s": new.marked_s,
            "state": State.WAITING.value,
        },
    )
