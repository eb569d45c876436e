"""Questions and deeds of an operator turned into SQL on the inbox's tables."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Engine, Update, and_, func, or_, update

from wherry.adapters.audit_sql import deeds, note_deeds
from wherry.adapters.braking_sql import let_go
from wherry.adapters.inbox_counts import asides, counts, oldest_waiting_s, standings
from wherry.adapters.inbox_rows import all_kept, kept
from wherry.adapters.inbox_tables import ASIDE, HELD_BACK, UNFINISHED, message, message_state
from wherry.adapters.sealing import NO_KEYS, Sealer
from wherry.adapters.sql import reading, writing
from wherry.desk import Deed, FeedStatus, What
from wherry.errors import Failure, Kind
from wherry.ports import Kept, State

_LARGEST_ID = 2**63 - 1
_AT_ONCE = 500
_HANDLED = "handled: "

# Each with the words of a partial index, where there is one
_STANDS: Mapping[State, ColumnElement[bool]] = {
    State.WAITING: or_(and_(UNFINISHED, message_state.c.state == State.WAITING.value), HELD_BACK),
    State.CLAIMED: and_(UNFINISHED, message_state.c.state == State.CLAIMED.value),
    State.ASIDE: and_(ASIDE),
    State.DONE: message_state.c.state == State.DONE.value,
}


class SqlInboxDesk:
    """The `Desk` port: look, count, put back, mark; what is done is noted with it."""

    def __init__(self, engine: Engine, sealer: Sealer = NO_KEYS) -> None:
        self._engine = engine
        self._sealer = sealer

    def get(self, message_id: int) -> Kept:
        """One message with its bytes."""
        with reading(self._engine) as connection:
            possible = 0 < message_id <= _LARGEST_ID
            wanted = all_kept().where(message.c.id == (message_id if possible else 0))
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise Failure(Kind.NOT_FOUND, "no such message", at="inbox")
        return kept(row, self._sealer)

    def search(
        self,
        *,
        state: State | None = None,
        sender: str = "",
        reason: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[Kept]:
        """Messages by state, sender, start of the reason and time, oldest first."""
        id_ = message_state.c.message_id
        wanted = all_kept().where(id_ > after).order_by(id_).limit(limit)
        if state is not None:
            wanted = wanted.where(_STANDS[state])
        if sender:
            wanted = wanted.where(message.c.sender == sender)
        if reason:
            start = func.substr(message_state.c.reason, 1, len(reason))
            wanted = wanted.where(start == reason)
        if since:
            wanted = wanted.where(message.c.received_at_s >= since.timestamp())
        if until:
            wanted = wanted.where(message.c.received_at_s < until.timestamp())
        with reading(self._engine) as connection:
            return [kept(row, self._sealer) for row in connection.execute(wanted)]

    def counts(self) -> Mapping[tuple[str, State], int]:
        """How many messages per (source, state)."""
        with reading(self._engine) as connection:
            return counts(connection)

    def oldest_waiting_s(self, source: str = "") -> float:
        """Age of the oldest unfinished message."""
        with reading(self._engine) as connection:
            return oldest_waiting_s(connection, source)

    def replay(self, message_ids: Sequence[int], *, who: str = "wherry") -> int:
        """Put messages that are done or aside, and not purged, back to waiting."""
        row = message_state.c
        statement = update(message_state).where(
            row.state.in_([State.DONE.value, State.ASIDE.value]), row.purged_at_s == 0
        )
        values = {"state": State.WAITING.value, "attempts": 0, "reason": "", "token": ""}
        return self._changed(message_ids, statement.values(values), who, What.REPLAY)

    def handle(self, message_ids: Sequence[int], *, who: str, note: str) -> int:
        """Messages that are aside become done; the reason stays, with the word handled before."""
        if not note.strip():
            raise Failure(Kind.INVALID, "say in a note what was done about it", at="note")
        reason = func.substr(_HANDLED + message_state.c.reason, 1, 255)
        statement = update(message_state).where(ASIDE)
        values = {"state": State.DONE.value, "reason": reason}
        return self._changed(message_ids, statement.values(values), who, What.HANDLE, note)

    def reveal(self, message_id: int, *, who: str, note: str = "") -> Kept:
        """One message with its bytes, once the audit row is safe."""
        found = self.get(message_id)
        with writing(self._engine) as connection:
            note_deeds(connection, who, What.REVEAL, [message_id], note)
        return found

    def release(self, sender: str, *, who: str, source: str = "", note: str = "") -> int:
        """Take the brake of a sender off; what waited goes on in order."""
        with writing(self._engine) as connection:
            count = let_go(connection, sender, source)
            if count:
                note_deeds(connection, who, What.RELEASE, [0], f"{sender} {note}".strip())
        return count

    def audit(self, *, message_id: int = 0, after: int = 0, limit: int = 100) -> list[Deed]:
        """What was done, oldest first."""
        with reading(self._engine) as connection:
            return deeds(connection, message_id=message_id, after=after, limit=limit)

    def standings(self) -> list[FeedStatus]:
        """How each sender's feed stands, who sent last first."""
        with reading(self._engine) as connection:
            return standings(connection)

    def asides(self) -> Mapping[tuple[str, str, str], int]:
        """How many messages lie aside by source, sender and class of reason."""
        with reading(self._engine) as connection:
            return asides(connection)

    def _changed(
        self, message_ids: Sequence[int], statement: Update, who: str, what: What, note: str = ""
    ) -> int:
        ids = sorted({id_ for id_ in message_ids if 0 < id_ <= _LARGEST_ID})
        changed: list[int] = []
        with writing(self._engine) as connection:
            for start in range(0, len(ids), _AT_ONCE):
                some = message_state.c.message_id.in_(ids[start : start + _AT_ONCE])
                returned = statement.where(some).returning(message_state.c.message_id)
                changed += connection.execute(returned).scalars()
            note_deeds(connection, who, what, changed, note)
        return len(changed)
