"""Arrivals turned into rows, and rows into claims: the inbox on SQLite or PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    and_,
    bindparam,
    case,
    func,
    insert,
    select,
    text,
    update,
)

from wherry import codec, repeats
from wherry.adapters.braking_sql import note_ended, past_brakes
from wherry.adapters.clock import new_id
from wherry.adapters.inbox_clock import bring_near
from wherry.adapters.inbox_figures import note_received, note_settled
from wherry.adapters.inbox_rows import (
    all_kept,
    ending,
    kept,
    message_row,
    sealed,
    state_of,
    state_row,
)
from wherry.adapters.inbox_seen import what_came_before
from wherry.adapters.inbox_tables import HELD, UNFINISHED, message, message_state
from wherry.adapters.sealing import NO_KEYS, Sealer
from wherry.adapters.sql import database_now, label, reading, writing
from wherry.braking import Braking
from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Claim, Kept, Outcome, Receipt, Standing, State

_KEEPING, _LENDING = 7201, 7202  # first half of a PostgreSQL advisory lock
_PAGE = 4  # rows looked at for each one wanted

# Only unfinished messages have a free_at_s; to say so again would mislead the query planners.
_COUNT_REPEAT = (
    update(message_state)
    .where(message_state.c.message_id == bindparam("id"))
    .values(repeats=message_state.c.repeats + 1)
)

_held = and_(
    message_state.c.source == bindparam("source"),
    HELD,
    message_state.c.free_at_s > bindparam("now_s"),
)
_HELD_KEYS = select(message_state.c.patient_keys).where(_held)
# Skips a patient whose messages somebody works on, even if there are thousands of them.
_FREE = (
    select(message_state.c.message_id, message_state.c.patient_keys)
    .where(
        message_state.c.source == bindparam("source"),
        UNFINISHED,
        message_state.c.free_at_s <= bindparam("now_s"),
        message_state.c.message_id > bindparam("after"),
        message_state.c.patient_key.not_in(
            select(message_state.c.patient_key)
            .where(_held, message_state.c.patient_key != "")
            .correlate(None)
        ),
    )
    .order_by(message_state.c.message_id)
    .limit(bindparam("page"))
)


class SqlInbox:
    """The `Inbox` port on two tables. Leases are in the database's time.

    keep() is durable against a power cut. Claims and settlements survive a killed process; a power
    cut may undo the last of them, which repeats work and loses none. `sealer` encrypts the bodies.
    """

    def __init__(
        self,
        engine: Engine,
        sealer: Sealer = NO_KEYS,
        braking: Braking = Braking(),  # noqa: B008 - frozen
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self._braking = braking

    def keep(self, arrivals: Sequence[Arrival]) -> list[int]:
        """Keep all in one commit, in order, and return their ids."""
        if not arrivals:
            return []
        rows = [message_row(arrival) for arrival in arrivals]
        with writing(self._engine) as connection:
            # without turns, a lower id could become visible after a higher one was lent
            _take_turn(connection, _KEEPING, "")
            ids = _next_ids(connection, len(arrivals))
            self._insert(connection, rows, arrivals, ids)
        return ids

    def receive(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Keep all in one commit, in order, but none that came before; one receipt for each."""
        if not arrivals:
            return []
        rows = [message_row(arrival) for arrival in arrivals]
        with writing(self._engine) as connection:
            _take_turn(connection, _KEEPING, "")
            ids = _next_ids(connection, len(arrivals))
            sorting = repeats.sort(arrivals, what_came_before(connection, rows), ids)
            if sorting.new:
                new = [rows[place] | {"answer": one.answer} for place, one in sorting.new.items()]
                self._insert(connection, new, list(sorting.new.values()), ids)
            for id_ in sorting.repeated:
                connection.execute(_COUNT_REPEAT, {"id": id_})
        return sorting.receipts

    def standing(self, message_ids: Sequence[int]) -> Mapping[int, Standing]:
        """Where these messages stand."""
        state = message_state.c
        wanted = select(state.message_id, state.state, state.reason)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.where(state.message_id.in_(message_ids))).all()
        return {row.message_id: Standing(state_of(row.state), row.reason) for row in rows}

    def claim(self, source: str, *, owner: str, limit: int, lease_s: float) -> Claim | None:
        """Lend up to `limit` messages in arrival order, none past an unfinished one of its keys."""
        while True:
            claim = self._lend(source, owner, limit, lease_s)
            if claim is None or claim.messages:
                return claim

    def _lend(self, source: str, owner: str, limit: int, lease_s: float) -> Claim | None:
        """One try: a claim, or an empty one when all that was found could not be lent."""
        with writing(self._engine, durable=False) as connection:
            _take_turn(connection, _LENDING, source)
            now_s = bring_near(connection, source, lease_s)
            found = past_brakes(
                connection, source, limit, lambda most: _choose(connection, source, most, now_s)
            )
            if not (chosen := found.ids):
                return Claim("", ()) if found.more else None
            token = new_id()
            taken_over = case((message_state.c.state == State.CLAIMED.value, 1), else_=0)
            connection.execute(
                update(message_state)
                .where(message_state.c.message_id.in_(chosen))
                .values(
                    state=State.CLAIMED.value,
                    attempts=message_state.c.attempts + taken_over,
                    owner=label(owner),
                    token=token,
                    free_at_s=now_s + lease_s,
                )
            )
            return Claim(token, self._readable(connection, chosen))

    def extend(self, claim: Claim, *, lease_s: float) -> bool:
        """Renew the lease of what is still held; False when any of it was taken over."""
        ids = [one.id for one in claim.messages]
        with writing(self._engine, durable=False) as connection:
            _take_turn(connection, _LENDING, claim.messages[0].source)
            connection.execute(
                update(message_state)
                .where(_still_held(claim, ids))
                .values(free_at_s=database_now() + lease_s)
            )
            others = connection.scalar(
                select(func.count())
                .select_from(message_state)
                .where(message_state.c.message_id.in_(ids), message_state.c.token != claim.token)
            )
            return others == 0

    def settle(self, claim: Claim, outcomes: Sequence[Outcome]) -> int:
        """Record the outcomes of messages that are still lent under this claim's token."""
        alike: dict[Outcome, list[int]] = {}
        for one in outcomes:
            pattern = Outcome(0, one.state, one.reason, one.delay_s, one.tried, one.landed)
            alike.setdefault(pattern, []).append(one.id)
        source = claim.messages[0].source
        sent = {one.id: one for one in claim.messages}
        with writing(self._engine, durable=False) as connection:
            _take_turn(connection, _LENDING, source)
            ours = [
                (sent[id_], pattern)
                for pattern, ids in alike.items()
                for (id_,) in connection.execute(
                    update(message_state)
                    .where(_still_held(claim, ids))
                    .values(ending(pattern))
                    .returning(message_state.c.message_id)
                )
            ]
            held = note_ended(connection, source, ours, self._braking)
            note_settled(
                connection, [(kept, how.state) for kept, how in ours if kept.id not in held]
            )
        return len(ours)

    def ping(self) -> None:
        """Return when the database answers and has the inbox's tables."""
        with reading(self._engine) as connection:
            connection.execute(select(message.c.id).limit(1)).first()

    def _insert(
        self,
        connection: Connection,
        rows: Sequence[dict[str, Any]],
        arrivals: Sequence[Arrival],
        ids: Sequence[int],
    ) -> None:
        states = [state_row(arrival) for arrival in arrivals]
        seal, key_id = self._sealer.group(), self._sealer.key_id
        now_s = connection.scalar(select(database_now()))
        for id_, row, state in zip(ids, rows, states, strict=False):
            row |= {"id": id_, "received_at_s": now_s}
            state["message_id"] = id_
            sealed(row, seal, key_id)
        connection.execute(insert(message), rows)
        connection.execute(insert(message_state), states)
        note_received(connection, rows)

    def _readable(self, connection: Connection, ids: Sequence[int]) -> tuple[Kept, ...]:
        """Messages that are being lent; one that was tampered with is set aside instead.

        Raises: Failure(UNAVAILABLE) without the key: then nobody can work, and nothing is lost.
        """
        wanted = all_kept().where(message.c.id.in_(ids)).order_by(message.c.id)
        found: list[Kept] = []
        for row in connection.execute(wanted).all():
            try:
                found.append(kept(row, self._sealer))
            except Failure as failure:
                if failure.kind is not Kind.FAULT:
                    raise
                connection.execute(
                    update(message_state)
                    .where(message_state.c.message_id == row.id)
                    .values(state=State.ASIDE.value, reason=str(failure), free_at_s=0.0)
                )
        return tuple(found)


def _still_held(claim: Claim, ids: Sequence[int]) -> ColumnElement[bool]:
    return and_(
        message_state.c.message_id.in_(ids),
        message_state.c.token == claim.token,
        message_state.c.state == State.CLAIMED.value,
    )


def _choose(connection: Connection, source: str, limit: int, now_s: float) -> list[int]:
    """The oldest free messages, none of which would overtake another of the same patient."""
    at = {"source": source, "now_s": now_s}
    blocked: set[str] = set()
    for (keys,) in connection.execute(_HELD_KEYS, at):
        blocked.update(codec.decode(keys))
    chosen: list[int] = []
    page, after = _PAGE * limit, 0
    while True:
        rows = connection.execute(_FREE, at | {"after": after, "page": page}).all()
        for id_, encoded in rows:
            keys = codec.decode(encoded)
            if not blocked.isdisjoint(keys):
                blocked.update(keys)
                continue
            chosen.append(id_)
            if len(chosen) == limit:
                return chosen
        if len(rows) < page:
            return chosen
        after = rows[-1].message_id


def _take_turn(connection: Connection, what: int, source: str) -> None:
    # SQLite has one writer at a time anyway: BEGIN IMMEDIATE was the turn
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:what, hashtext(:source))"),
            {"what": what, "source": source},
        )


def _next_ids(connection: Connection, count: int) -> list[int]:
    if connection.dialect.name == "postgresql":
        taken = connection.execute(
            text(
                "SELECT nextval(pg_get_serial_sequence('message', 'id'))"
                " FROM generate_series(1, :count)"
            ),
            {"count": count},
        )
        return [int(id_) for (id_,) in taken]
    last = connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'message'")) or 0
    return list(range(last + 1, last + 1 + count))
