"""Messages lent, lent for longer and ended: short statements, since feeds wait for their turn.

All but `how_held` are to be called in a turn of `wherry.adapters.inbox_sql`.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select

from wherry import codec
from wherry.adapters.sql import SQLITE_NOW, database_now, label, quickly
from wherry.ports import Outcome, State

_PAGE = 4  # rows looked at for each one wanted

# Only unfinished messages have a free_at_s; to say so again would mislead the query planners.
_HELD = "source = :source AND free_at_s > 0 AND free_at_s > :now_s"
_HELD_KEYS = f"SELECT patient_keys FROM message_state WHERE {_HELD}"  # noqa: S608 - our own text
# Skips a patient whose messages somebody works on, even if there are thousands of them.
_FREE = f"""
SELECT message_id, patient_keys FROM message_state
WHERE source = :source AND state IN ('waiting', 'claimed') AND free_at_s <= :now_s
    AND message_id > :after AND patient_key NOT IN (
        SELECT patient_key FROM message_state WHERE {_HELD} AND patient_key <> '')
ORDER BY message_id LIMIT :page
"""  # noqa: S608 - our own text
_AMONG = {
    "sqlite": "message_id IN (SELECT value FROM json_each(:ids))",
    "postgresql": """message_id IN (
        SELECT CAST(value AS bigint) FROM jsonb_array_elements_text(CAST(:ids AS jsonb)))""",
}
_LEND = """
UPDATE message_state SET attempts = attempts + CASE WHEN state = 'claimed' THEN 1 ELSE 0 END,
    state = 'claimed', owner = :owner, token = :token, free_at_s = :free_at_s
WHERE {among}
"""
_RENEW = """
UPDATE message_state SET free_at_s = :free_at_s
WHERE {among} AND token = :token AND state = 'claimed'
"""
_HOW_HELD = """
SELECT coalesce(sum(CASE WHEN token = :token THEN 0 ELSE 1 END), 0), min(free_at_s)
FROM message_state WHERE {among}
"""
_END = """
UPDATE message_state SET state = :state, reason = :reason, attempts = attempts + :tried,
    free_at_s = :free_at_s
WHERE {among} AND token = :token AND state = 'claimed' RETURNING message_id
"""


def now_s(connection: Connection) -> float:
    """The database's time, in seconds since 1970."""
    if connection.dialect.name == "sqlite":
        return float(quickly(connection, f"SELECT {SQLITE_NOW}", {})[0][0])
    return connection.scalar(select(database_now())) or 0.0


def choose(connection: Connection, source: str, limit: int, at_s: float) -> list[int]:
    """The oldest free messages, none of which would overtake another of the same patient."""
    at = {"source": source, "now_s": at_s}
    blocked: set[str] = set()
    for (keys,) in quickly(connection, _HELD_KEYS, at):
        blocked.update(codec.decode(keys))
    chosen: list[int] = []
    page, after = _PAGE * limit, 0
    while True:
        rows = quickly(connection, _FREE, at | {"after": after, "page": page})
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
        after = rows[-1][0]


def lend(
    connection: Connection, token: str, ids: Sequence[int], *, owner: str, until_s: float
) -> None:
    """Lend these under this token."""
    _among(connection, _LEND, ids, owner=owner, token=token, free_at_s=until_s)


def renew(connection: Connection, token: str, ids: Sequence[int], *, lease_s: float) -> None:
    """Lend those that are still held for longer."""
    _among(connection, _RENEW, ids, token=token, free_at_s=now_s(connection) + lease_s)


def how_held(connection: Connection, token: str, ids: Sequence[int]) -> tuple[int, float]:
    """How many are not held under this token any more, and the seconds left of the lease."""
    [(others, until_s)] = _among(connection, _HOW_HELD, ids, token=token)
    return others, (until_s or 0.0) - now_s(connection)


def end(connection: Connection, token: str, ids: Sequence[int], outcome: Outcome) -> list[int]:
    """Let those that are still held end like this; their ids."""
    waits = outcome.state is State.WAITING
    ended = _among(
        connection,
        _END,
        ids,
        token=token,
        state=outcome.state.value,
        reason=label(outcome.reason),
        tried=int(waits and outcome.tried),
        free_at_s=now_s(connection) + outcome.delay_s if waits else 0.0,
    )
    return [id_ for (id_,) in ended]


def _among(connection: Connection, statement: str, ids: Sequence[int], **values: Any) -> list[Any]:
    text = statement.format(among=_AMONG[connection.dialect.name])
    return quickly(connection, text, {**values, "ids": codec.encode(list(ids)).decode()})
