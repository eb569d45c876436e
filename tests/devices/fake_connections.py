"""Connections in memory, with a clock of their own that a test moves."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from wherry.errors import Failure, Kind
from wherry_devices.accounts.circuit import AWAY_AFTER, CLOSED, Circuit, after
from wherry_devices.accounts.connections import (
    Access,
    Asked,
    Connection,
    Consented,
    Ended,
    Figures,
    Lent,
    Tokens,
)
from wherry_devices.accounts.connections_sql import NUDGE_GAP_S
from wherry_devices.accounts.consent import to_bind
from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping.binding import Binding
from wherry_devices.vendors.protocol import Trouble


class Binds(Protocol):
    """What connecting needs of the bindings."""

    def put(self, binding: Binding) -> None: ...

    def search(self, *, key: str = "", patient: str = "", limit: int = 1000) -> list[Binding]: ...


@dataclass
class Kept:
    """One row."""

    connection: Connection
    tokens: Tokens
    cursor: str
    fence: int = 1
    free_s: float = 0.0
    claimed_s: float = 0.0
    nudged_s: float = 0.0


@dataclass
class FakeConnections:
    """The ports `Connections`, `Fetches`, `Consents` and `FetchFigures`."""

    bindings: Binds
    time_s: float = 1_772_452_800.0  # 2026-03-02T12:00Z
    rows: dict[str, Kept] = field(default_factory=dict)
    asked: dict[str, tuple[Asked, float]] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    deeds: list[tuple[str, str, str]] = field(default_factory=list)

    def at(self, seconds: float) -> datetime:
        return datetime.fromtimestamp(seconds, UTC)

    def connect(self, consented: Consented) -> Connection:
        key, now = consented.binding.key, self.at(self.time_s)
        if wanted := to_bind(self.bindings.search(key=key), consented.binding, now):
            self.bindings.put(wanted)
        known = next((one for one in self.rows.values() if one.connection.key == key), None)
        id_ = known.connection.id if known else str(UUID(int=len(self.rows) + 1))
        goes_on = known is not None and known.connection.patient == consented.patient
        connection = Connection(
            id_,
            consented.source,
            key,
            consented.patient,
            consented.verified_by,
            Access.ACTIVE,
            consented.scopes,
            now,
            now,
            known.connection.fetched_at if known and goes_on else None,
        )
        number = known.tokens.number + 1 if known else 1
        cursor = known.cursor if known and goes_on else consented.cursor
        fence = known.fence + 1 if known else 1
        tokens = replace(consented.tokens, number=number)
        self.rows[id_] = Kept(connection, tokens, cursor, fence)
        self.deeds.append((consented.verified_by, "connect", id_))
        return connection

    def search(self, *, patient: str = "", id_: str = "") -> list[Connection]:
        found = [one.connection for one in self.rows.values()]
        return [one for one in found if patient in ("", one.patient) and id_ in ("", one.id)]

    def end(self, id_: str, *, who: str) -> Tokens:
        kept = self.rows.get(id_)
        if kept is None:
            raise Failure(Kind.NOT_FOUND, "no such connection", at="id")
        if kept.connection.access is Access.REVOKED:
            raise Failure(Kind.GONE, "this connection was ended before", at="id")
        tokens, now = kept.tokens, self.at(self.time_s)
        for binding in self.bindings.search(key=kept.connection.key):
            if binding.patient == kept.connection.patient and binding.holds(now):
                self.bindings.put(replace(binding, valid_to=now, verified_by=who))
        kept.connection = replace(kept.connection, access=Access.REVOKED, trouble="")
        kept.tokens = Tokens("", "", "", now, tokens.number + 1)
        kept.fence, kept.cursor = kept.fence + 1, ""
        self.deeds.append((who, "end", id_))
        return tokens

    def nudge(self, keys: Sequence[str], *, in_doubt: bool = False) -> int:
        count = 0
        for kept in self.rows.values():
            one = kept.connection
            if one.key not in keys or one.access is not Access.ACTIVE:
                continue
            count += 1
            kept.nudged_s = self.time_s
            fetched_s = one.fetched_at.timestamp() if one.fetched_at else 0.0
            due_s = max(self.time_s, fetched_s + NUDGE_GAP_S)
            if in_doubt or not one.failures:
                due = self.at(self.time_s if in_doubt else due_s)
                kept.connection = replace(one, next_at=min(one.next_at, due))
        return count

    def standing(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        out = {}
        for kept in self.rows.values():
            one = kept.connection
            itself = one.trouble == Trouble.AWAY and one.failures >= AWAY_AFTER
            away = itself or self.circuits.get(one.source, CLOSED).is_away
            if one.key in keys:
                out[one.key] = Standing(
                    one.access is Access.REFUSED,
                    one.access is Access.ACTIVE and away,
                    one.fetched_at,
                )
        return out

    def claim(
        self, sources: Sequence[str], *, owner: str, lease_s: float, only: str = ""
    ) -> Lent | None:
        for kept in sorted(self.rows.values(), key=lambda one: one.connection.next_at):
            one = kept.connection
            circuit = self.circuits.get(one.source, CLOSED)
            due = one.access is Access.ACTIVE and one.next_at.timestamp() <= self.time_s
            may = due and circuit.free_s <= self.time_s
            if only:
                may = one.id == only and one.access is not Access.REVOKED
            if one.source not in sources or kept.free_s > self.time_s or not may:
                continue
            if circuit.is_away and not only:
                self.circuits[one.source] = replace(circuit, free_s=self.time_s + lease_s)
            kept.fence += 1
            kept.claimed_s, kept.free_s = self.time_s, self.time_s + lease_s
            return Lent(one, kept.tokens, kept.cursor, kept.fence)
        return None

    def extend(self, lent: Lent, *, lease_s: float) -> bool:
        if kept := self._ours(lent):
            kept.free_s = self.time_s + lease_s
        return kept is not None

    def renewed(self, lent: Lent, tokens: Tokens) -> bool:
        kept = self.rows[lent.connection.id]
        if kept.tokens.number != tokens.number - 1:
            return False
        kept.tokens = tokens
        return True

    def advance(self, lent: Lent, cursor: str) -> bool:
        if kept := self._ours(lent):
            kept.cursor = cursor
        return kept is not None

    def settle(self, lent: Lent, ended: Ended) -> bool:
        kept = self._ours(lent)
        if kept is None:
            return False
        one, now_s = kept.connection, self.time_s
        kept.free_s = 0.0
        more: dict[str, Any] = {"next_at": self.at(now_s + ended.again_s)}
        if ended.trouble is None:
            if kept.nudged_s >= kept.claimed_s and ended.again_s > NUDGE_GAP_S:
                more = {"next_at": self.at(now_s + NUDGE_GAP_S)}
            more |= {"failures": 0, "trouble": "", "fetched_at": self.at(now_s)}
            more |= {"access": Access.ACTIVE}
        else:
            more |= {"failures": one.failures + 1, "trouble": ended.trouble.value}
        if ended.trouble is Trouble.REFUSED:
            more |= {"access": Access.REFUSED}
        kept.connection = replace(one, **more)
        self.circuits[one.source] = after(
            self.circuits.get(one.source, CLOSED),
            ended.trouble,
            id_=one.id,
            source=one.source,
            now_s=now_s,
            wish_s=ended.vendor_pause_s,
        )
        self.ended[one.source, ended.outcome] += 1
        return True

    def begin(self, digest: str, asked: Asked, *, life_s: float) -> None:
        self.asked[digest] = (asked, self.time_s + life_s)

    def take(self, digest: str) -> Asked | None:
        asked, until_s = self.asked.pop(digest, (None, 0.0))
        return asked if until_s >= self.time_s else None

    def figures(self) -> Figures:
        rows = [one.connection for one in self.rows.values()]
        late: dict[str, float] = {}
        for one in rows:
            if one.access is Access.ACTIVE:
                due_s = max(0.0, self.time_s - one.next_at.timestamp())
                late[one.source] = max(due_s, late.get(one.source, 0.0))
        away = {one.source: self.circuits.get(one.source, CLOSED).is_away for one in rows}
        by_access = Counter((one.source, one.access.value) for one in rows)
        return Figures(dict(by_access), dict(self.ended), late, away)

    def _ours(self, lent: Lent) -> Kept | None:
        kept = self.rows[lent.connection.id]
        gone = kept.connection.access is Access.REVOKED
        return None if gone or kept.fence != lent.fence else kept
