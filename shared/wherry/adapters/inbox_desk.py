"""Questions of an operator turned into SQL on the inbox's tables."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Engine, func, select, update

from wherry.adapters.inbox_rows import all_kept, kept
from wherry.adapters.inbox_tables import ASIDE, UNFINISHED, message, message_state
from wherry.adapters.sql import database_now, reading, writing
from wherry.errors import Failure, Kind
from wherry.ports import Kept, State

_LARGEST_ID = 2**63 - 1
_AT_ONCE = 500


class SqlInboxDesk:
    """The `InboxDesk` port: look, count, put back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, message_id: int) -> Kept:
        """One message with its bytes."""
        with reading(self._engine) as connection:
            possible = 0 < message_id <= _LARGEST_ID
            wanted = all_kept().where(message.c.id == (message_id if possible else 0))
            row = connection.execute(wanted).one_or_none()
        if row is None:
            raise Failure(Kind.NOT_FOUND, "no such message", at="inbox")
        return kept(row)

    def search(
        self,
        *,
        state: State | None = None,
        sender: str = "",
        reason: str = "",
        after: int = 0,
        limit: int = 100,
    ) -> list[Kept]:
        """Messages by state, sender and start of the reason, oldest first."""
        id_ = message_state.c.message_id
        wanted = all_kept().where(id_ > after).order_by(id_).limit(limit)
        if state is State.ASIDE:
            wanted = wanted.where(ASIDE)
        elif state is not None:
            wanted = wanted.where(message_state.c.state == state.value)
        if sender:
            wanted = wanted.where(message.c.sender == sender)
        if reason:
            start = func.substr(message_state.c.reason, 1, len(reason))
            wanted = wanted.where(start == reason)
        with reading(self._engine) as connection:
            return [kept(row) for row in connection.execute(wanted)]

    def counts(self) -> Mapping[tuple[str, State], int]:
        """How many messages per (source, state)."""
        source, state = message_state.c.source, message_state.c.state
        with reading(self._engine) as connection:
            rows = connection.execute(
                select(source, state, func.count()).group_by(source, state)
            ).all()
        return {(source, State(state)): count for source, state, count in rows}

    def oldest_waiting_s(self, source: str = "") -> float:
        """Age of the oldest unfinished message."""
        oldest = select(func.min(message_state.c.message_id)).where(UNFINISHED)
        if source:
            oldest = oldest.where(message_state.c.source == source)
        wanted = select(database_now() - message.c.received_at_s).where(
            message.c.id == oldest.scalar_subquery()
        )
        with reading(self._engine) as connection:
            return max(0.0, connection.scalar(wanted) or 0.0)

    def replay(self, message_ids: Sequence[int]) -> int:
        """Put messages that are done or aside back to waiting."""
        ids = sorted({id_ for id_ in message_ids if 0 < id_ <= _LARGEST_ID})
        with writing(self._engine) as connection:
            return sum(
                connection.execute(
                    update(message_state)
                    .where(
                        message_state.c.message_id.in_(ids[start : start + _AT_ONCE]),
                        message_state.c.state.in_([State.DONE.value, State.ASIDE.value]),
                    )
                    .values(state=State.WAITING.value, attempts=0, reason="", token="")
                ).rowcount
                for start in range(0, len(ids), _AT_ONCE)
            )
