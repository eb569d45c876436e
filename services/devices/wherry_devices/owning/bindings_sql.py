"""Bindings, waiting messages and counts as rows on SQLite or PostgreSQL."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    and_,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from wherry.adapters.sql import database_now, label, reading, writing
from wherry.errors import Failure, Kind
from wherry_devices.freshness.seen import Deed
from wherry_devices.mapping.binding import Binding
from wherry_devices.owning.audit_sql import note
from wherry_devices.owning.bindings import Look
from wherry_devices.tables import device_binding, device_tally, device_waiting

_LOCK = 8_731_004
_row = device_binding.c
_AT_ONCE = 500


class SqlBindings:
    """The `Bindings` port on two tables. Revisions are given out one after the other."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def look(self, keys: Sequence[str], message_id: int) -> Look:
        """The bindings of these keys, and whether this message waits."""
        with reading(self._engine) as connection:
            revision = _revision(connection)
            wanted = select(device_binding).where(_row.device_key.in_(keys))
            found: dict[str, list[Binding]] = {}
            for row in connection.execute(wanted):
                found.setdefault(row.device_key, []).append(_binding(row))
            waits = select(device_waiting.c.message_id).where(
                device_waiting.c.message_id == message_id
            )
            waited = connection.execute(waits.limit(1)).first() is not None
        return Look(revision, found, waited)

    def put(self, binding: Binding, deeds: Sequence[Deed] = ()) -> None:
        """Add a binding, or change the end of the one with the same key, start and patient."""
        with writing(self._engine) as connection:
            put_into(connection, binding)
            note(connection, deeds)

    def search(self, *, key: str = "", patient: str = "", limit: int = 1000) -> list[Binding]:
        """Bindings by key and patient, in the order of keys and times."""
        return self._found(key, patient, limit)

    def holding(
        self, at: datetime, *, key: str = "", patient: str = "", after: str = "", limit: int = 1000
    ) -> list[Binding]:
        """Bindings that hold at this instant, of keys above `after` in order."""
        at_s = at.timestamp()
        open_ended = _row.valid_to_s.is_(None) | (_row.valid_to_s > at_s)
        return self._found(
            key, patient, limit, _row.valid_from_s <= at_s, open_ended, _row.device_key > after
        )

    def _found(
        self, key: str, patient: str, limit: int, *also: ColumnElement[bool]
    ) -> list[Binding]:
        wanted = select(device_binding).order_by(_row.device_key, _row.valid_from_s).limit(limit)
        if key:
            wanted = wanted.where(_row.device_key == key)
        if patient:
            wanted = wanted.where(_row.patient_id == patient)
        with reading(self._engine) as connection:
            return [_binding(row) for row in connection.execute(wanted.where(*also))]

    def wait(self, message_id: int, keys: Sequence[str], *, seen: int) -> None:
        """Note that a message waits for these keys, and for no others."""
        rows = [{"message_id": message_id, "device_key": key, "seen": seen} for key in keys]
        with writing(self._engine) as connection:
            connection.execute(
                delete(device_waiting).where(device_waiting.c.message_id == message_id)
            )
            if rows:
                connection.execute(insert(device_waiting), rows)

    def released(self) -> list[int]:
        """Messages one of whose keys got a binding after they began to wait for it."""
        wanted = (
            select(device_waiting.c.message_id)
            .join(device_binding, _row.device_key == device_waiting.c.device_key)
            .where(_row.revision > device_waiting.c.seen)
            .distinct()
            .order_by(device_waiting.c.message_id)
            .limit(_AT_ONCE)
        )
        with reading(self._engine) as connection:
            return [id_ for (id_,) in connection.execute(wanted)]


class SqlTally:
    """The `Tally` port on one table."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Add to the counts of (source, outcome)."""
        rows = [
            {"source": label(source), "outcome": label(outcome), "count": count}
            for (source, outcome), count in sorted(counts.items())
        ]
        if rows:
            with writing(self._engine, durable=False) as connection:
                connection.execute(_upsert(connection), rows)

    def counts(self) -> Mapping[tuple[str, str], int]:
        """All counts."""
        with reading(self._engine) as connection:
            return {(row.source, row.outcome): row[2] for row in connection.execute(_ALL_COUNTS)}


_ALL_COUNTS = select(device_tally.c.source, device_tally.c.outcome, device_tally.c["count"])


def _upsert(connection: Connection) -> Any:
    # the same statement twice: SQLAlchemy spells ON CONFLICT per dialect
    make: Any = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = make(device_tally)
    return statement.on_conflict_do_update(
        index_elements=[device_tally.c.source, device_tally.c.outcome],
        set_={"count": device_tally.c["count"] + statement.excluded["count"]},
    )


def bindings_of(connection: Connection, key: str) -> list[Binding]:
    """All bindings of a key; nobody else adds one before the end of this transaction."""
    take_turn(connection)
    wanted = select(device_binding).where(_row.device_key == key)
    return [_binding(row) for row in connection.execute(wanted)]


def put_into(connection: Connection, binding: Binding) -> None:
    """`SqlBindings.put` as part of a transaction that does more. Raises: Failure(CONFLICT)."""
    others = bindings_of(connection, binding.key)
    start_s = binding.valid_from.timestamp()
    same = and_(_row.device_key == binding.key, _row.valid_from_s == start_s)
    before = [one for one in others if one.valid_from == binding.valid_from]
    if [one for one in before if one == binding]:
        return
    for other in others:
        if other.patient == binding.patient and other in before:
            continue
        if other.overlaps(binding):
            raise Failure(
                Kind.CONFLICT,
                "the device is bound in part of that time; end that binding first",
                at="valid_from",
            )
    values = {
        "valid_to_s": binding.valid_to.timestamp() if binding.valid_to else None,
        "verified_by": label(binding.verified_by),
        "recorded_s": database_now(),
        "unit_key": binding.unit,
        "expected_every_s": _seconds(binding.every),
        "zone": label(binding.zone),
        "revision": _revision(connection) + 1,
    }
    if before:
        connection.execute(update(device_binding).where(same).values(values))
        return
    fixed = {
        "device_key": binding.key,
        "valid_from_s": start_s,
        "source": label(binding.source),
        "patient_id": label(binding.patient),
    }
    connection.execute(insert(device_binding).values({**fixed, **values}))


def _revision(connection: Connection) -> int:
    return connection.scalar(select(func.max(_row.revision))) or 0


def take_turn(connection: Connection) -> None:
    """One transaction that changes bindings at a time; to be asked for before any row's lock."""
    # SQLite has one writer at a time anyway: BEGIN IMMEDIATE was the turn
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _seconds(every: timedelta | None) -> int | None:
    return None if every is None else int(every.total_seconds())


def _binding(row: Row[Any]) -> Binding:
    return Binding(
        key=row.device_key,
        source=row.source,
        patient=row.patient_id,
        valid_from=datetime.fromtimestamp(row.valid_from_s, UTC),
        valid_to=None if row.valid_to_s is None else datetime.fromtimestamp(row.valid_to_s, UTC),
        verified_by=row.verified_by,
        unit=row.unit_key,
        every=None if row.expected_every_s is None else timedelta(seconds=row.expected_every_s),
        zone=row.zone,
    )
