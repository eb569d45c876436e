"""What was last heard of devices, as rows on SQLite or PostgreSQL."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, case, delete, func, or_, select

from wherry.adapters.inbox_tables import message
from wherry.adapters.sql import label, reading, upsert, writing
from wherry_devices.freshness.seen import DayRow, SeenRow, Steps, Waiting
from wherry_devices.freshness.seen_tables import (
    device_seen,
    device_seen_day,
    device_step,
    device_told,
)
from wherry_devices.mapping.heard import Day, Heard, Last, Told
from wherry_devices.tables import device_waiting

_seen, _day, _told, _step = device_seen.c, device_seen_day.c, device_told.c, device_step.c
_AT_ONCE, _SHOWN_IDS = 500, 5
_DAY_S, KEPT_DAYS = 86_400, 100


class SqlSeen:
    """The `Seen` port. Days older than KEPT_DAYS go once a day, by whoever writes then."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._purged = 0

    def record(self, heard: Heard) -> None:
        """Add what was heard: one statement for each table that has news."""
        with writing(self._engine, durable=False) as connection:
            for statement, rows in _statements(connection.dialect.name, heard):
                connection.execute(statement, rows)
            newest = max((last.received_s for last in heard.lasts.values()), default=0.0)
            self._purge(connection, int(newest // _DAY_S))

    def _purge(self, connection: Connection, today: int) -> None:
        if today > self._purged:
            connection.execute(delete(device_seen_day).where(_day.day < today - KEPT_DAYS))
            self._purged = today

    def rows(self, keys: Sequence[str]) -> list[SeenRow]:
        """Rows of these keys, and of every user of the devices that they are."""
        found: dict[tuple[str, str, str], SeenRow] = {}
        with reading(self._engine) as connection:
            for some in _parts(keys):
                units = select(_seen.unit_key).where(_seen.device_key.in_(some))
                wanted = select(device_seen).where(
                    or_(_seen.device_key.in_(some), _seen.unit_key.in_(some), _in(units))
                )
                for one in _seen_rows(connection, wanted):
                    found[one.key, one.patient, one.kind] = one
        return [found[of] for of in sorted(found)]

    def told(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Told]]:
        """What was told of these devices, accounts and hubs."""
        found: dict[str, dict[str, Told]] = {}
        with reading(self._engine) as connection:
            for some in _parts(keys):
                for row in connection.execute(
                    select(device_told).where(_told.device_key.in_(some))
                ):
                    found.setdefault(row.device_key, {})[row.name] = Told(row.at_s, row.value)
        return found

    def days(self, patients: Sequence[str], *, since: int) -> list[DayRow]:
        """The days of these patients from this number on."""
        with reading(self._engine) as connection:
            return [
                DayRow(
                    row.device_key,
                    row.patient_id,
                    row.kind,
                    row.day,
                    Day(row.morning, row.evening, row.named),
                )
                for some in _parts(patients)
                for row in connection.execute(
                    select(device_seen_day)
                    .where(_day.patient_id.in_(some), _day.day >= since)
                    .order_by(_day.device_key, _day.patient_id, _day.kind, _day.day)
                )
            ]

    def recent(self, sources: Sequence[str], *, since_s: float) -> list[SeenRow]:
        """Rows of these sources of which something came since then, of patients only."""
        wanted = select(device_seen).where(
            _seen.received_s >= since_s, _seen.patient_id != "", _seen.source.in_(sources)
        )
        with reading(self._engine) as connection:
            return list(_seen_rows(connection, wanted.order_by(_seen.device_key, _seen.kind)))

    def waiting(self, *, limit: int) -> list[Waiting]:
        """Keys that readings wait for, the longest waiting first."""
        since = func.min(message.c.received_at_s)
        wanted = (
            select(
                device_waiting.c.device_key,
                func.min(message.c.sender).label("source"),
                func.count().label("messages"),
                since.label("since_s"),
            )
            .join(message, message.c.id == device_waiting.c.message_id)
            .group_by(device_waiting.c.device_key)
            .order_by(since, device_waiting.c.device_key)
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [
                Waiting(
                    row.device_key,
                    row.source,
                    row.messages,
                    datetime.fromtimestamp(row.since_s, UTC),
                    _ids(connection, row.device_key),
                )
                for row in connection.execute(wanted).all()
            ]

    def steps(self) -> Mapping[tuple[str, str], Steps]:
        """Lags and clock differences by source and name."""
        counts: dict[tuple[str, str], dict[str, int]] = {}
        sums: dict[tuple[str, str], float] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(select(device_step)):
                name = (row.source, row.name)
                counts.setdefault(name, {})[row.bound] = row[3]
                sums[name] = sums.get(name, 0.0) + row.sum_s
        return {name: Steps(found, sums[name]) for name, found in counts.items()}


def _statements(dialect: str, heard: Heard) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    """The upserts that have rows. Rows are sorted, so that two workers never lock crosswise."""
    if heard.lasts:
        yield (
            _upsert_seen(dialect),
            [
                {
                    **_of(*of),
                    "source": label(last.source),
                    "unit_key": last.unit,
                    "model": label(last.model),
                    "measured_s": last.measured_s,
                    "heard_s": last.heard_s,
                    "received_s": last.received_s,
                }
                for of, last in sorted(heard.lasts.items())
            ],
        )
    if heard.days:
        yield (
            _upsert_day(dialect),
            [
                {
                    **_of(key, patient, kind),
                    "day": number,
                    "morning": day.morning,
                    "evening": day.evening,
                    "named": day.named,
                }
                for (key, patient, kind, number), day in sorted(heard.days.items())
            ],
        )
    if heard.told:
        yield (
            _upsert_told(dialect),
            [
                {"device_key": key, "name": name, "at_s": told.at_s, "value": label(told.value)}
                for (key, name), told in sorted(heard.told.items())
            ],
        )
    if heard.steps:
        yield (
            _upsert_step(dialect),
            [
                {
                    "source": label(source),
                    "name": name,
                    "bound": bound,
                    "count": count,
                    "sum_s": sum_s,
                }
                for (source, name, bound), (count, sum_s) in sorted(heard.steps.items())
            ],
        )


def _of(key: str, patient: str, kind: str) -> dict[str, str]:
    return {"device_key": key, "patient_id": patient, "kind": kind}


def _upsert_seen(dialect: str) -> Any:
    statement = upsert(dialect, device_seen)
    new = statement.excluded
    newer, same = new.measured_s > _seen.measured_s, new.measured_s == _seen.measured_s

    def least(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((one < other, one), else_=other)

    def most(one: ColumnElement[Any], other: ColumnElement[Any]) -> ColumnElement[Any]:
        return case((one > other, one), else_=other)

    return statement.on_conflict_do_update(
        index_elements=[_seen.device_key, _seen.patient_id, _seen.kind],
        set_={
            "measured_s": most(new.measured_s, _seen.measured_s),
            "received_s": most(new.received_s, _seen.received_s),
            "heard_s": case(
                (newer, new.heard_s), (same, least(new.heard_s, _seen.heard_s)), else_=_seen.heard_s
            ),
            "model": case(
                (newer, new.model), (same, most(new.model, _seen.model)), else_=_seen.model
            ),
        },
    )


def _upsert_day(dialect: str) -> Any:
    statement = upsert(dialect, device_seen_day)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[_day.device_key, _day.patient_id, _day.kind, _day.day],
        set_={name: _day[name].op("|")(new[name]) for name in ("morning", "evening", "named")},
    )


def _upsert_told(dialect: str) -> Any:
    statement = upsert(dialect, device_told)
    new = statement.excluded
    later = or_(new.at_s > _told.at_s, (new.at_s == _told.at_s) & (new.value > _told.value))
    return statement.on_conflict_do_update(
        index_elements=[_told.device_key, _told.name],
        set_={"at_s": new.at_s, "value": new.value},
        where=later,
    )


def _upsert_step(dialect: str) -> Any:
    statement = upsert(dialect, device_step)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[_step.source, _step.name, _step.bound],
        set_={"count": _step["count"] + new["count"], "sum_s": _step.sum_s + new.sum_s},
    )


def _in(units: Select[Any]) -> ColumnElement[bool]:
    return _seen.unit_key.in_(units)


def _seen_rows(connection: Connection, wanted: Select[Any]) -> Iterator[SeenRow]:
    for row in connection.execute(wanted):
        yield SeenRow(
            row.device_key,
            row.patient_id,
            row.kind,
            Last(
                source=row.source,
                unit=row.unit_key,
                model=row.model,
                measured_s=row.measured_s,
                heard_s=row.heard_s,
                received_s=row.received_s,
            ),
        )


def _ids(connection: Connection, key: str) -> tuple[int, ...]:
    wanted = select(device_waiting.c.message_id).where(device_waiting.c.device_key == key)
    ordered = wanted.order_by(device_waiting.c.message_id).limit(_SHOWN_IDS)
    return tuple(id_ for (id_,) in connection.execute(ordered))


def _parts(keys: Sequence[str]) -> Iterator[list[str]]:
    ordered = sorted(set(keys))
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
