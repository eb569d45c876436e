"""The ledger of paths as rows on SQLite or PostgreSQL."""

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, Row, bindparam, case, select, text, update

from wherry.adapters.sql import database_now, reading, upsert, writing
from wherry_devices.duplicates.path_rows import (
    columns,
    name_of,
    preferred_of,
    sighting,
    stand,
    stands,
    values,
    withdrawal,
)
from wherry_devices.duplicates.path_tables import device_sighting, device_withdrawal
from wherry_devices.duplicates.paths import Check
from wherry_devices.mapping.paths import PLAIN, REACH_S, Name, Sighting, Stand, preferred
from wherry_devices.mapping.withdrawals import Withdrawal

_T = TypeVar("_T")
_row = device_sighting.c
_AT_ONCE = 100
_DAY_S = 86_400.0
_LOCK = 8_731_005
_AGAIN_S = 300.0
"""When a mark is looked at for the last time: no message is on the way for so long."""

# Made once: to put a statement together costs more than to carry it out.
_NAMED = select(device_sighting).where(
    _row.source == bindparam("source"), _row.reading.in_(bindparam("readings", expanding=True))
)
_NEAR = select(device_sighting).where(
    _row.value_hash.in_(bindparam("hashes", expanding=True)),
    _row.instant_s.between(bindparam("first"), bindparam("last")),
)
_GONE = select(device_withdrawal).where(
    device_withdrawal.c.owner.in_(bindparam("owners", expanding=True))
)


def derived(keys: Sequence[bytes]) -> bytes:
    """What keys the hashes, from the oldest key of the inbox, so that a new one changes nothing.

    Without any key the inbox itself is in the clear, and so is what these hashes could tell.
    """
    return hmac.digest(keys[-1] if keys else b"", b"wherry devices, paths", "sha256")


class SqlPaths:
    """The `Paths` port on one table. Whoever notes readings has the others of its patient wait."""

    def __init__(self, engine: Engine, keys: Sequence[bytes]) -> None:
        self._engine = engine
        self.secret = derived(keys)

    def note(self, sightings: Sequence[Sighting]) -> Mapping[Name, Stand]:
        """Note these readings, and say how those stand that are duplicates or were taken back."""
        mine = {one.name: one for one in sightings}
        if not mine:
            return {}
        owners = {one.owner for one in sightings}
        with writing(self._engine, durable=False) as connection:
            _take_turns(connection, owners | {one.patient for one in sightings})
            before = _named(connection, mine)
            new = [
                one
                for one in mine.values()
                if one.name not in before or _differs(one, before[one.name])
            ]
            if not new:
                return stands(before.values())
            touched = [sighting(before[one.name]) for one in new if one.name in before]
            gone = _withdrawals(connection, owners)
            back = {one.name for one in new if any(map(one.within, gone))}
            rows = [values(one, withdrawn=one.name in back) for one in new]
            connection.execute(_noted(connection.dialect.name), rows)
            changes = _compare(connection, [*new, *touched], mine)
        found = {name: stand(row) for name, row in before.items()}
        found |= {one.name: Stand(withdrawn=one.name in back) for one in new}
        found |= {name: Stand(other) for name, other in changes.items() if name in mine}
        return {name: told for name, told in found.items() if told != PLAIN}

    def withdraw(self, withdrawals: Sequence[Withdrawal]) -> None:
        """Note that readings were taken back, those that are still to come among them.

        The first transaction makes sure that whoever notes later knows of it, the second finds
        those that were noted before.
        """
        owners = {one.owner for one in withdrawals}
        if not owners:
            return
        with writing(self._engine) as connection:
            _take_turns(connection, owners)
            connection.execute(_told(connection), [withdrawal(one) for one in withdrawals])
            patients = {row.patient_id for row in _taken_back(connection, withdrawals)}
        with writing(self._engine) as connection:
            _take_turns(connection, owners | patients)
            rows = _taken_back(connection, withdrawals)
            for row in rows:
                connection.execute(
                    update(device_sighting)
                    .where(_row.source == row.source, _row.reading == row.reading)
                    .values(
                        value_hash="",
                        withdrawn=True,
                        check_s=database_now(),
                        last=False,
                        **columns(None),
                    )
                )
            _compare(connection, [sighting(row) for row in rows], {})

    def to_check(self, *, limit: int = 100) -> list[Check]:
        """Readings to be checked now."""
        due = select(device_sighting).where(_row.check_s <= database_now())
        with reading(self._engine) as connection:
            rows = connection.execute(due.order_by(_row.check_s).limit(limit))
            return [
                Check(name_of(one), one.patient_id, stand(one), one.last, one.family)
                for one in rows
            ]

    def checked(self, checks: Sequence[Check]) -> None:
        """These say how they stand now: to be checked once more, or with `last` never again."""
        with writing(self._engine, durable=False) as connection:
            for one in checks:
                told = columns(one.stand.preferred) | {"withdrawn": one.stand.withdrawn}
                same = [device_sighting.c[name] == value for name, value in told.items()]
                connection.execute(
                    update(device_sighting)
                    .where(_row.source == one.name[0], _row.reading == one.name[1], *same)
                    .where(_row.last == one.last, _row.check_s.is_not(None))
                    .values(check_s=None if one.last else database_now() + _AGAIN_S, last=True)
                )


def _take_turns(connection: Connection, names: Iterable[str]) -> None:
    # SQLite has one writer at a time anyway; in order, so that nobody waits in a circle
    if connection.dialect.name == "postgresql":
        lock = text(
            "SELECT pg_advisory_xact_lock(:lock, turn) FROM (SELECT DISTINCT hashtext(name) AS turn"
            " FROM unnest(CAST(:names AS text[])) AS name ORDER BY turn) AS turns"
        )
        connection.execute(lock, {"lock": _LOCK, "names": list(names)})


def _withdrawals(connection: Connection, owners: Iterable[str]) -> list[Withdrawal]:
    return [Withdrawal(*row) for row in connection.execute(_GONE, {"owners": list(owners)})]


def _taken_back(connection: Connection, withdrawals: Sequence[Withdrawal]) -> list[Row[Any]]:
    found: dict[Name, Row[Any]] = {}
    for one in withdrawals:
        wanted = select(device_sighting).where(
            _row.owner == one.owner,
            _row.family == one.family,
            _row.instant_s >= one.since_s,
            _row.instant_s < one.until_s,
            _row.said_s < one.said_s,
            _row.withdrawn.is_(False),
        )
        found |= {name_of(row): row for row in connection.execute(wanted)}
    return list(found.values())


def _compare(
    connection: Connection, changed: Sequence[Sighting], mine: Mapping[Name, Sighting]
) -> Mapping[Name, Name | None]:
    """Have all that may be duplicates of what was changed, or the other way round, say so.

    What is not ours is to be checked then.
    """
    changes = _changed(_around(connection, changed), changed)
    for name, other in changes.items():
        later = {} if name in mine else {"check_s": database_now(), "last": False}
        connection.execute(
            update(device_sighting)
            .where(_row.source == name[0], _row.reading == name[1])
            .values({**columns(other), **later})
        )
    return changes


def _told(connection: Connection) -> Any:
    statement = upsert(connection.dialect.name, device_withdrawal)
    held, said = device_withdrawal.c.said_s, statement.excluded.said_s
    keys = ("owner", "family", "since_s", "until_s")
    return statement.on_conflict_do_update(
        index_elements=list(keys), set_={"said_s": case((said > held, said), else_=held)}
    )


def _cut(found: Iterable[_T]) -> Iterator[list[_T]]:
    left = iter(found)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _named(connection: Connection, names: Iterable[Name]) -> dict[Name, Row[Any]]:
    by_source: dict[str, list[str]] = {}
    for source, value in names:
        by_source.setdefault(source, []).append(value)
    found: dict[Name, Row[Any]] = {}
    for source, values_ in by_source.items():
        for some in _cut(values_):
            rows = connection.execute(_NAMED, {"source": source, "readings": some})
            found |= {name_of(row): row for row in rows}
    return found


def _around(connection: Connection, changed: Sequence[Sighting]) -> list[Row[Any]]:
    """All rows that what was changed, and what it may have changed, are to be compared with."""
    found: dict[Name, Row[Any]] = {}
    near = sorted({(one.instant_s, one.value_hash) for one in changed if one.value_hash})
    while near:
        first = near[0][0]
        some = [(at, value) for at, value in near[:_AT_ONCE] if at - first <= _DAY_S]
        near = near[len(some) :]
        asked = {
            "hashes": sorted({value for _, value in some}),
            "first": first - 2 * REACH_S,
            "last": some[-1][0] + 2 * REACH_S,
        }
        found |= {name_of(row): row for row in connection.execute(_NEAR, asked)}
    return list(found.values())


def _changed(rows: Sequence[Row[Any]], changed: Sequence[Sighting]) -> dict[Name, Name | None]:
    """The rows whose preferred reading is another one now, with that one.

    Only those that are in reach of what was changed: of others not all are here that decide.
    """
    groups: dict[str, list[Row[Any]]] = {}
    for row in rows:
        groups.setdefault(row.value_hash, []).append(row)
    instants: dict[str, list[float]] = {}
    for one in changed:
        instants.setdefault(one.value_hash, []).append(one.instant_s)
    out = {}
    for value, group in groups.items():
        sources = {row.source for row in group}
        if len(sources) == 1 and not any(row.preferred_source for row in group):
            continue
        around = [sighting(row) for row in group]
        for row, one in zip(group, around, strict=True):
            if all(abs(at - one.instant_s) > REACH_S for at in instants.get(value, ())):
                continue
            near = [other for other in around if abs(other.instant_s - one.instant_s) <= REACH_S]
            name = preferred(one, near)
            if name != preferred_of(row):
                out[one.name] = name
    return out


@cache
def _noted(dialect: str) -> Any:
    statement = upsert(dialect, device_sighting)
    fixed = ("source", "reading", "check_s", "last")
    told = {
        one.name: statement.excluded[one.name]
        for one in device_sighting.columns
        if one.name not in fixed
    }
    return statement.on_conflict_do_update(index_elements=[_row.source, _row.reading], set_=told)


def _differs(one: Sighting, row: Row[Any]) -> bool:
    """Whether a reading says something else than its row, and no earlier."""
    return one.said_s >= row.said_s and replace(one, said_s=row.said_s) != sighting(row)
