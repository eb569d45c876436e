"""Notes of what is to be derived again as rows on SQLite or PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from secrets import randbits, token_hex
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from wherry.adapters.sql import database_now, label, reading, upsert, writing
from wherry_devices.derivation.day_tables import device_day
from wherry_devices.derivation.days import PATIENCE, Lent, Touched

_LOCK = 8_731_005
_row = device_day.c
_other = device_day.alias()
_AT_ONCE = 500


class SqlDays:
    """The `Days` port on one table; leases are in the database's time.

    A mark is random and not counted up: a row that was forgotten and made anew must not look like
    the one that somebody still holds.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, touched: Iterable[Touched]) -> None:
        """Note that these changed."""
        # sorted: two writers that meet the same rows in one order cannot deadlock
        rows = sorted({(one.patient, one.what, one.day.isoformat()) for one in touched})
        if rows:
            with writing(self._engine) as connection:
                _note(connection, rows)

    def counts(self) -> Mapping[str, int]:
        """How many notes are waiting, and how many failing."""
        failing = func.count().filter(_row.attempts > 0)
        with reading(self._engine) as connection:
            whole, failed = connection.execute(select(func.count(), failing)).one()
        return {"waiting": whole - failed, "failing": failed}

    def due(self, *, owner: str, limit: int, quiet_s: float, lease_s: float) -> list[Lent]:
        """Lend what went quiet, or waited too long for it."""
        token = label(f"{owner[:64]}:{token_hex(8)}")
        with writing(self._engine, durable=False) as connection:
            _take_turn(connection)
            now_s = _now_s(connection)
            wanted = (
                select(device_day)
                .where(_quiet(now_s, quiet_s))
                .order_by(_row.since_s, _row.patient_id, _row.what, _row.day)
                .limit(limit)
            )
            rows = connection.execute(wanted).all()
            taken = {"owner": token, "free_at_s": now_s + lease_s}
            for row in rows:
                connection.execute(update(device_day).where(_same(_touched(row))).values(taken))
            return [Lent(_touched(row), row.mark, token, row.attempts) for row in rows]

    def ready(self, *, quiet_s: float) -> bool:
        """Whether `due` would lend anything."""
        with reading(self._engine) as connection:
            wanted = select(_row.day).where(_quiet(_now_s(connection), quiet_s)).limit(1)
            return connection.execute(wanted).first() is not None

    def held(self, lent: Sequence[Lent], *, lease_s: float) -> bool:
        """Whether all are still ours; renews the lease."""
        with writing(self._engine, durable=False) as connection:
            until = {"free_at_s": database_now() + lease_s}
            renewed = [
                connection.execute(update(device_day).where(_ours(one)).values(until)).rowcount
                for one in _sorted(lent)
            ]
        return all(renewed)

    def settle(self, lent: Sequence[Lent]) -> None:
        """Forget what was worked off; free what was noted anew; note again what was lost."""
        freed = {"owner": "", "free_at_s": 0.0, "since_s": _row.marked_s, "attempts": 0}
        lost = []
        with writing(self._engine) as connection:
            for one in _sorted(lent):
                unchanged = and_(_ours(one), _row.mark == one.mark)
                if connection.execute(delete(device_day).where(unchanged)).rowcount:
                    continue
                free = update(device_day).where(_ours(one)).values(**freed, reason="")
                if not connection.execute(free).rowcount:
                    lost.append(one.touched)
            if lost:
                _note(connection, [(one.patient, one.what, one.day.isoformat()) for one in lost])

    def put_off(self, lent: Sequence[Lent], *, pause_s: float, reason: str = "") -> None:
        """Lend them again after a pause."""
        with writing(self._engine) as connection:
            later = {"owner": "", "free_at_s": database_now() + pause_s, "reason": label(reason)}
            failed = {"attempts": _row.attempts + 1} if reason else {}
            for one in _sorted(lent):
                connection.execute(update(device_day).where(_ours(one)).values(later | failed))


def _note(connection: Connection, rows: Sequence[tuple[str, str, str]]) -> None:
    now_s, mark = _now_s(connection), randbits(62)
    fresh = {"mark": mark, "since_s": now_s, "marked_s": now_s, "owner": "", "free_at_s": 0.0}
    statement = upsert(connection.dialect.name, device_day)
    new = statement.excluded
    again = statement.on_conflict_do_update(
        index_elements=[_row.patient_id, _row.what, _row.day],
        set_={"mark": new.mark, "marked_s": new.marked_s},
    )
    made = [
        {"patient_id": patient, "what": what, "day": day, **fresh, "attempts": 0, "reason": ""}
        for patient, what, day in rows
    ]
    for start in range(0, len(made), _AT_ONCE):
        connection.execute(again, made[start : start + _AT_ONCE])


def _quiet(now_s: float, quiet_s: float) -> ColumnElement[bool]:
    """Rows that nobody has, that went quiet, and of whose value nobody has another day."""
    busy = exists().where(
        _other.c.patient_id == _row.patient_id,
        _other.c.what == _row.what,
        _other.c.owner != "",
        _other.c.free_at_s > now_s,
    )
    quiet = or_(
        _row.marked_s <= now_s - quiet_s,
        _row.since_s <= now_s - PATIENCE * quiet_s,
        _row.marked_s > now_s + quiet_s,  # the clock was set back since
    )
    return and_(_row.free_at_s <= now_s, quiet, ~busy)


def _touched(row: Any) -> Touched:
    return Touched(row.patient_id, row.what, date.fromisoformat(row.day))


def _same(touched: Touched) -> ColumnElement[bool]:
    return and_(
        _row.patient_id == touched.patient,
        _row.what == touched.what,
        _row.day == touched.day.isoformat(),
    )


def _ours(lent: Lent) -> ColumnElement[bool]:
    return and_(_same(lent.touched), _row.owner == lent.token)


def _sorted(lent: Sequence[Lent]) -> list[Lent]:
    return sorted(lent, key=lambda one: (one.touched.patient, one.touched.what, one.touched.day))


def _now_s(connection: Connection) -> float:
    return connection.scalar(select(database_now())) or 0.0


def _take_turn(connection: Connection) -> None:
    # SQLite has one writer at a time anyway: BEGIN IMMEDIATE was the turn
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
