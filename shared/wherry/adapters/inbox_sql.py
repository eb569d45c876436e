"""Arrivals turned into rows, and rows into claims: the inbox on SQLite or PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    bindparam,
    select,
    text,
    update,
)

from wherry import repeats
from wherry.adapters import inbox_claims as claims
from wherry.adapters.braking_sql import note_ended, past_brakes
from wherry.adapters.clock import new_id
from wherry.adapters.inbox_clock import bring_near
from wherry.adapters.inbox_figures import note_received, note_settled
from wherry.adapters.inbox_rows import all_kept, kept, message_row, sealed, state_of, state_row
from wherry.adapters.inbox_seen import what_came_before
from wherry.adapters.inbox_tables import message, message_state
from wherry.adapters.inbox_writing import insert_rows, next_ids
from wherry.adapters.sealing import NO_KEYS, Sealer
from wherry.adapters.sql import label, reading, writing
from wherry.braking import Braking
from wherry.errors import Failure, Kind
from wherry.ports import Arrival, Claim, Kept, Outcome, Receipt, Standing, State

_KEEPING, _LENDING = 7201, 7202  # first half of a PostgreSQL advisory lock

# Only unfinished messages have a free_at_s; to say so again would mislead the query planners.
_COUNT_REPEAT = (
    update(message_state)
    .where(message_state.c.message_id == bindparam("id"))
    .values(repeats=message_state.c.repeats + 1)
)

_LENT = all_kept().where(message.c.id.in_(bindparam("ids", expanding=True))).order_by(message.c.id)
_LONG_ENOUGH = 2 / 3


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
            ids, now_s = next_ids(connection, len(arrivals))
            self._insert(connection, rows, arrivals, ids, now_s)
        return list(ids)

    def receive(self, arrivals: Sequence[Arrival]) -> list[Receipt]:
        """Keep all in one commit, in order, but none that came before; one receipt for each."""
        if not arrivals:
            return []
        rows = [message_row(arrival) for arrival in arrivals]
        with writing(self._engine) as connection:
            _take_turn(connection, _KEEPING, "")
            ids, now_s = next_ids(connection, len(arrivals))
            sorting = repeats.sort(arrivals, what_came_before(connection, rows), ids)
            if sorting.new:
                new = [rows[place] | {"answer": one.answer} for place, one in sorting.new.items()]
                self._insert(connection, new, list(sorting.new.values()), ids, now_s)
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
                connection,
                source,
                limit,
                lambda most: claims.choose(connection, source, most, now_s),
            )
            if not found.ids:
                return Claim("", ()) if found.more else None
            token, until_s = new_id(), now_s + lease_s
            claims.lend(connection, token, found.ids, owner=label(owner), until_s=until_s)
        return Claim(token, self._readable(token, found.ids))

    def extend(self, claim: Claim, *, lease_s: float) -> bool:
        """Renew the lease of what is still held; False when any of it was taken over.

        A lease of which less than a third has passed is only looked at: that takes no turn.
        """
        ids = [one.id for one in claim.messages]
        with reading(self._engine) as connection:
            others, left_s = claims.how_held(connection, claim.token, ids)
        if others or left_s >= lease_s * _LONG_ENOUGH:
            return not others
        with writing(self._engine, durable=False) as connection:
            _take_turn(connection, _LENDING, claim.messages[0].source)
            claims.renew(connection, claim.token, ids, lease_s=lease_s)
            others, _ = claims.how_held(connection, claim.token, ids)
        return not others

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
                for id_ in claims.end(connection, claim.token, ids, pattern)
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
        now_s: float,
    ) -> None:
        states = [state_row(arrival) for arrival in arrivals]
        seal, key_id = self._sealer.group(), self._sealer.key_id
        for id_, row, state in zip(ids, rows, states, strict=False):
            row |= {"id": id_, "received_at_s": now_s}
            state["message_id"] = id_
            sealed(row, seal, key_id)
        insert_rows(connection, rows, states)
        note_received(connection, rows)

    def _readable(self, token: str, ids: Sequence[int]) -> tuple[Kept, ...]:
        """Messages that were lent; one that was tampered with is set aside instead.

        Raises: Failure(UNAVAILABLE) without the key: then nobody can work, and nothing is lost.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(_LENT, {"ids": ids}).all()
        found: list[Kept] = []
        odd: list[Outcome] = []
        for row in rows:
            try:
                found.append(kept(row, self._sealer))
            except Failure as failure:
                if failure.kind is not Kind.FAULT:
                    self._end(token, [Outcome(id_, State.WAITING, tried=False) for id_ in ids])
                    raise
                odd.append(Outcome(row.id, State.ASIDE, str(failure)))
        self._end(token, odd)
        return tuple(found)

    def _end(self, token: str, outcomes: Sequence[Outcome]) -> None:
        """Take messages out of a claim that its worker has not seen."""
        if outcomes:
            with writing(self._engine, durable=False) as connection:
                for one in outcomes:
                    claims.end(connection, token, [one.id], one)


def _take_turn(connection: Connection, what: int, source: str) -> None:
    # SQLite has one writer at a time anyway: BEGIN IMMEDIATE was the turn
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:what, hashtext(:source))"),
            {"what": what, "source": source},
        )
