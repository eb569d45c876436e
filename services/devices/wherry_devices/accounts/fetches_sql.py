"""Connections as rows on SQLite or PostgreSQL: lent to one fetcher at a time, and given back."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import Engine, Update, and_, case, select, update

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import database_now, label, reading, upsert, writing
from wherry_devices.accounts.circuit import CLOSED, Circuit, after
from wherry_devices.accounts.connection_rows import opened, sealed, seen
from wherry_devices.accounts.connection_tables import device_connection, device_fetch, device_vendor
from wherry_devices.accounts.connections import Access, Ended, Lent, Tokens
from wherry_devices.accounts.connections_sql import NUDGE_GAP_S
from wherry_devices.vendors.protocol import Trouble

_row = device_connection.c
_vendor = device_vendor.c


class SqlFetches:
    """The `Fetches` port. Leases are in the database's time; a fence tells whose turn it is."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def claim(
        self, sources: Sequence[str], *, owner: str, lease_s: float, only: str = ""
    ) -> Lent | None:
        """Lend the connection that is due for longest; asks with a read alone while none is."""
        with reading(self._engine) as database:
            if database.execute(_due(sources, only, _now_s(database))).first() is None:
                return None
        with writing(self._engine, durable=False) as database:
            now_s = _now_s(database)
            wanted = _due(sources, only, now_s).with_for_update(skip_locked=True, of=_row.id)
            found = database.execute(wanted).one_or_none()
            if found is None:
                return None
            if not only and not _probes(database, found.source, now_s, lease_s):
                return None
            lent = {"owner": label(owner), "fence": _row.fence + 1, "claimed_s": now_s}
            row = database.execute(
                update(device_connection)
                .where(_row.id == found.id)
                .values({**lent, "free_s": now_s + lease_s})
                .returning(*_row)
            ).one()
        tokens = opened(self._sealer, row)
        if row.key_id != self._sealer.key_id:
            self._reseal(row.id, tokens)
        return Lent(seen(row), tokens, row.cursor, row.fence)

    def _reseal(self, id_: str, tokens: Tokens) -> None:
        """Under the key that is in use now, so that an older one may go."""
        same = and_(_row.id == id_, _row.tokens_no == tokens.number)
        kept = update(device_connection).where(same, _row.state != Access.REVOKED.value)
        self._changed(kept.values(sealed(self._sealer, id_, tokens)))

    def extend(self, lent: Lent, *, lease_s: float) -> bool:
        """Renew the lease; False when it was taken over or the connection was ended."""
        return self._changed(_ours(lent).values(free_s=database_now() + lease_s), durable=False)

    def renewed(self, lent: Lent, tokens: Tokens) -> bool:
        """Keep new tokens in place of those that were lent, and of no others.

        By their number, not by the fence: whoever took over after the lease still needs them.
        """
        before = tokens.number - 1
        theirs = and_(_row.id == lent.connection.id, _row.tokens_no == before)
        kept = update(device_connection).where(theirs, _row.state != Access.REVOKED.value)
        return self._changed(kept.values(sealed(self._sealer, lent.connection.id, tokens)))

    def advance(self, lent: Lent, cursor: str) -> bool:
        """Go on from here from now on; False when it is not ours any more."""
        return self._changed(_ours(lent).values(cursor=cursor))

    def settle(self, lent: Lent, ended: Ended) -> bool:
        """Give the connection back, and note what its fetch says of the vendor."""
        id_, source = lent.connection.id, lent.connection.source
        with writing(self._engine) as database:
            now_s = _now_s(database)
            if database.execute(_settled(lent, ended, now_s).returning(_row.id)).first() is None:
                return False
            _note_vendor(database, source, id_, ended, now_s)
            counted = upsert(database.dialect.name, device_fetch).values(
                source=source, outcome=ended.outcome, count=1
            )
            database.execute(
                counted.on_conflict_do_update(
                    index_elements=[device_fetch.c.source, device_fetch.c.outcome],
                    set_={"count": device_fetch.c["count"] + 1},
                )
            )
        return True

    def _changed(self, statement: Update, *, durable: bool = True) -> bool:
        with writing(self._engine, durable=durable) as database:
            return database.execute(statement.returning(_row.id)).first() is not None


def _due(sources: Sequence[str], only: str, now_s: float) -> Any:
    wanted = select(_row.id, _row.source).where(_row.source.in_(sources), _row.free_s <= now_s)
    if only:
        return wanted.where(_row.id == only, _row.state != Access.REVOKED.value)
    silent = select(_vendor.source).where(_vendor.free_s > now_s)
    return (
        wanted.where(_row.state == Access.ACTIVE.value, _row.next_s <= now_s)
        .where(_row.source.not_in(silent))
        .order_by(_row.next_s, _row.id)
        .limit(1)
    )


def _probes(database: Database, source: str, now_s: float, lease_s: float) -> bool:
    """Whether this vendor may be asked; of one who is away one connection at a time is tried."""
    away = database.scalar(select(_vendor.away_since_s).where(_vendor.source == source))
    if not away:
        return True
    taken = (
        update(device_vendor)
        .where(_vendor.source == source, _vendor.free_s <= now_s)
        .values(free_s=now_s + lease_s)
        .returning(_vendor.source)
    )
    return database.execute(taken).first() is not None


def _ours(lent: Lent) -> Update:
    return update(device_connection).where(
        _row.id == lent.connection.id,
        _row.fence == lent.fence,
        _row.state != Access.REVOKED.value,
    )


def _settled(lent: Lent, ended: Ended, now_s: float) -> Update:
    values: dict[str, Any] = {"free_s": 0.0, "owner": "", "trouble": ended.trouble or ""}
    again_s: Any = now_s + ended.again_s
    if ended.trouble is None:
        # a notice that came meanwhile tells of what this fetch may not have seen
        nudged = and_(_row.nudged_s >= _row.claimed_s, again_s > now_s + NUDGE_GAP_S)
        values |= {"failures": 0, "fetched_s": now_s, "state": Access.ACTIVE.value}
        values["next_s"] = case((nudged, now_s + NUDGE_GAP_S), else_=again_s)
        return _ours(lent).values(values)
    values |= {"failures": _row.failures + 1, "next_s": again_s}
    if ended.trouble is Trouble.REFUSED:
        values["state"] = Access.REFUSED.value
    return _ours(lent).values(values)


def _note_vendor(database: Database, source: str, id_: str, ended: Ended, now_s: float) -> None:
    wanted = select(device_vendor).where(_vendor.source == source).with_for_update()
    row = database.execute(wanted).one_or_none()
    before = CLOSED
    if row is not None:
        before = Circuit(tuple(row.failing.split()), row.probes, row.away_since_s, row.free_s)
    now = after(
        before, ended.trouble, id_=id_, source=source, now_s=now_s, wish_s=ended.vendor_pause_s
    )
    if now == before:
        return
    values = {
        "failing": " ".join(now.failing),
        "probes": now.probes,
        "away_since_s": now.away_since_s,
        "free_s": now.free_s,
    }
    noted = upsert(database.dialect.name, device_vendor).values(source=source, **values)
    database.execute(noted.on_conflict_do_update(index_elements=[_vendor.source], set_=values))


def _now_s(database: Database) -> float:
    return database.scalar(select(database_now())) or 0.0
