"""Connections as rows on SQLite or PostgreSQL: connected, ended, made due."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Connection as Database
from sqlalchemy import Engine, Row, case, insert, select, update

from wherry.adapters.clock import new_id
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import database_now, label, reading, writing
from wherry.errors import Failure, Kind
from wherry_devices.accounts.circuit import AWAY_AFTER
from wherry_devices.accounts.connection_rows import ALL_BUT_SECRETS, opened, sealed, seen
from wherry_devices.accounts.connection_tables import device_connection, device_vendor
from wherry_devices.accounts.connections import Access, Connection, Consented, Tokens
from wherry_devices.accounts.consent import to_bind
from wherry_devices.freshness.seen import Deed
from wherry_devices.freshness.standings import Standing
from wherry_devices.owning.audit_sql import note
from wherry_devices.owning.bindings_sql import bindings_of, put_into, take_turn
from wherry_devices.vendors.protocol import Trouble

NUDGE_GAP_S = 30.0
"""Notices fetch an account again after so many seconds at the earliest: anybody may send some."""
_MOST = 1000

log = structlog.get_logger()
_row = device_connection.c
_FRESH = {
    "free_s": 0.0,
    "claimed_s": 0.0,
    "nudged_s": 0.0,
    "failures": 0,
    "trouble": "",
    "owner": "",
}


class SqlConnections:
    """The `Connections` port on one table, and on that of the bindings."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def connect(self, consented: Consented) -> Connection:
        """Keep the tokens and bind the account to the patient, in one commit."""
        key = consented.binding.key
        with writing(self._engine) as database:
            now_s = _now_s(database)
            now = datetime.fromtimestamp(now_s, UTC)
            if wanted := to_bind(bindings_of(database, key), consented.binding, now):
                put_into(database, wanted)
            known = _found(database, _row.account_key == key)
            id_ = known.id if known else new_id()
            goes_on = known is not None and known.patient_id == label(consented.patient)
            values = {
                "patient_id": label(consented.patient),
                "verified_by": label(consented.verified_by),
                "state": Access.ACTIVE.value,
                "scopes": label(consented.scopes),
                "connected_s": now_s,
                "next_s": now_s,
                **_FRESH,
            }
            tokens = replace(consented.tokens, number=known.tokens_no + 1 if known else 1)
            values |= sealed(self._sealer, id_, tokens)
            if not goes_on:
                values |= {"cursor": consented.cursor, "fetched_s": 0.0}
            if known:
                changed = update(device_connection).where(_row.id == id_)
                database.execute(changed.values({**values, "fence": _row.fence + 1}))
            else:
                fixed = {"id": id_, "source": consented.source, "account_key": key, "fence": 1}
                database.execute(insert(device_connection).values({**fixed, **values}))
            deed = Deed(
                consented.verified_by, "connect", consented.patient, key, f"connection {id_}"
            )
            note(database, [deed])
            return seen(database.execute(_wanted().where(_row.id == id_)).one())

    def search(self, *, patient: str = "", id_: str = "") -> list[Connection]:
        """Connections by patient or id, the oldest first."""
        wanted = _wanted().order_by(_row.connected_s, _row.id).limit(_MOST)
        if patient:
            wanted = wanted.where(_row.patient_id == patient)
        if id_:
            wanted = wanted.where(_row.id == id_)
        with reading(self._engine) as database:
            return [seen(row) for row in database.execute(wanted)]

    def end(self, id_: str, *, who: str) -> Tokens:
        """Erase the tokens and end the binding now; returns what the tokens were."""
        with writing(self._engine) as database:
            take_turn(database)
            row = _found(database, _row.id == id_)
            if row is None:
                raise Failure(Kind.NOT_FOUND, "no such connection", at="id")
            if row.state == Access.REVOKED:
                raise Failure(Kind.GONE, "this connection was ended before", at="id")
            now = datetime.fromtimestamp(_now_s(database), UTC)
            tokens = self._opened(row, now)
            for binding in bindings_of(database, row.account_key):
                if binding.patient == row.patient_id and binding.holds(now):
                    put_into(database, replace(binding, valid_to=now, verified_by=who))
            erased = {"sealed": b"", "key_id": "", "state": Access.REVOKED.value, "trouble": ""}
            counted = {"tokens_no": _row.tokens_no + 1, "fence": _row.fence + 1, "cursor": ""}
            database.execute(
                update(device_connection).where(_row.id == id_).values({**erased, **counted})
            )
            note(database, [Deed(who, "end", row.patient_id, row.account_key, f"connection {id_}")])
            return tokens

    def _opened(self, row: Row[Any], now: datetime) -> Tokens:
        """The tokens, or none: what cannot be opened any more is erased all the same."""
        try:
            return opened(self._sealer, row)
        except Failure as failure:
            log.warning("tokens_not_opened", connection=row.id, kind=failure.kind.name)
            return Tokens("", "", "", now, row.tokens_no)

    def nudge(self, keys: Sequence[str], *, in_doubt: bool = False) -> int:
        """Make the active connections of these accounts due."""
        if not keys:
            return 0
        with writing(self._engine) as database:
            now_s = _now_s(database)
            soon = case(
                (_row.fetched_s + NUDGE_GAP_S > now_s, _row.fetched_s + NUDGE_GAP_S), else_=now_s
            )
            due = now_s if in_doubt else case((_row.failures > 0, _row.next_s), else_=soon)
            changed = (
                update(device_connection)
                .where(_row.account_key.in_(keys), _row.state == Access.ACTIVE.value)
                .values(nudged_s=now_s, next_s=case((_row.next_s < due, _row.next_s), else_=due))
                .returning(_row.id)
            )
            return len(database.execute(changed).all())

    def standing(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        """How the connections of these account keys stand."""
        away = device_vendor.c.away_since_s
        wanted = (
            select(*ALL_BUT_SECRETS, away)
            .join_from(
                device_connection,
                device_vendor,
                device_vendor.c.source == _row.source,
                isouter=True,
            )
            .where(_row.account_key.in_(keys))
        )
        with reading(self._engine) as database:
            return {row.account_key: _standing(row) for row in database.execute(wanted)}


def _standing(row: Any) -> Standing:
    found = seen(row)
    itself = found.trouble == Trouble.AWAY and found.failures >= AWAY_AFTER
    away = found.access is Access.ACTIVE and (itself or bool(row.away_since_s))
    return Standing(found.access is Access.REFUSED, away, found.fetched_at)


def _wanted() -> Any:
    return select(*ALL_BUT_SECRETS)


def _found(database: Database, condition: Any) -> Row[Any] | None:
    return database.execute(
        select(device_connection).where(condition).with_for_update()
    ).one_or_none()


def _now_s(database: Database) -> float:
    return database.scalar(select(database_now())) or 0.0
