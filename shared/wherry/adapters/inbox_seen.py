"""Arrivals turned into what came before each of them, by one statement for the whole group."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from wherry import codec
from wherry.adapters.sql import of_sqlite
from wherry.repeats import Before

_SAME_ID = """
    seen.source = asked.source AND seen.channel = asked.channel AND seen.sender = asked.sender
    AND seen.control_id = asked.control_id AND seen.control_id <> ''
"""
# Each asks the index message_seen alone, at most for its last entry, however many there are.
_FIND = """
SELECT asked.place, twin.id, twin.answer, other.answer
FROM ({asked}) AS asked
LEFT JOIN message AS other ON other.id = (
    SELECT seen.id FROM message AS seen WHERE {same_id} LIMIT 1)
LEFT JOIN message AS twin ON twin.id = (
    SELECT max(seen.id) FROM message AS seen WHERE {same_id} AND seen.digest = asked.digest)
WHERE other.id IS NOT NULL
"""
_COLUMNS = ("source", "channel", "sender", "control_id", "digest")
_ASKED = {
    "sqlite": """
        SELECT key AS place, json_extract(value, '$[0]') AS source,
            json_extract(value, '$[1]') AS channel, json_extract(value, '$[2]') AS sender,
            json_extract(value, '$[3]') AS control_id, json_extract(value, '$[4]') AS digest
        FROM json_each(:asked)""",
    "postgresql": """
        SELECT place - 1 AS place, value ->> 0 AS source, value ->> 1 AS channel,
            value ->> 2 AS sender, value ->> 3 AS control_id, value ->> 4 AS digest
        FROM jsonb_array_elements(CAST(:asked AS jsonb)) WITH ORDINALITY AS each(value, place)""",
}
_STATEMENTS = {
    dialect: text(_FIND.format(asked=asked, same_id=_SAME_ID)) for dialect, asked in _ASKED.items()
}
# Nearly always nothing came before; this finds out without a look at digests and answers.
_ANY = """
SELECT 1 FROM json_each(?) AS asked WHERE EXISTS (
    SELECT 1 FROM message AS seen WHERE seen.source = ? AND seen.channel = ? AND seen.sender = ?
    AND seen.control_id = asked.value AND seen.control_id <> '')
LIMIT 1
"""
_NOTHING = Before()


def what_came_before(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Before]:
    """For each row of `message_row` what the inbox holds under its control id."""
    asked = [[row[name] for name in _COLUMNS] for row in rows if row["control_id"]]
    if not asked or (connection.dialect.name == "sqlite" and not _any_came(connection, asked)):
        return [_NOTHING] * len(rows)
    statement = _STATEMENTS[connection.dialect.name]
    answers = connection.execute(statement, {"asked": codec.encode(asked).decode()})
    found = {
        int(place): Before(other or "", twin or 0, answer) for place, twin, answer, other in answers
    }
    named = iter(range(len(asked)))
    return [found.get(next(named), _NOTHING) if row["control_id"] else _NOTHING for row in rows]


def _any_came(connection: Connection, asked: Sequence[Sequence[str]]) -> bool:
    """Whether any of these control ids is in a SQLite inbox, asked once for each sender."""
    named: dict[tuple[str, ...], list[str]] = {}
    for *sender, control_id, _ in asked:
        named.setdefault(tuple(sender), []).append(control_id)
    execute = of_sqlite(connection).execute
    return any(
        execute(_ANY, (codec.encode(ids).decode(), *sender)).fetchone()
        for sender, ids in named.items()
    )
