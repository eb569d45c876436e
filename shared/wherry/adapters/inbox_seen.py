"""Arrivals turned into what came before each of them, by one statement for the whole group."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from wherry import codec
from wherry.adapters.inbox_rows import message_row
from wherry.ports import Arrival
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
    "sqlite": "SELECT key AS place, "
    + ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(_COLUMNS))
    + " FROM json_each(:asked)",
    "postgresql": "SELECT place - 1 AS place, "
    + ", ".join(f"value ->> {n} AS {name}" for n, name in enumerate(_COLUMNS))
    + " FROM jsonb_array_elements(CAST(:asked AS jsonb)) WITH ORDINALITY AS each(value, place)",
}
_STATEMENTS = {
    dialect: text(_FIND.format(asked=asked, same_id=_SAME_ID)) for dialect, asked in _ASKED.items()
}
_NOTHING = Before()


def what_came_before(connection: Connection, arrivals: Sequence[Arrival]) -> list[Before]:
    """For each arrival what the inbox holds under its control id."""
    if not any(arrival.control_id for arrival in arrivals):
        return [_NOTHING] * len(arrivals)
    rows: list[dict[str, Any]] = [message_row(arrival) for arrival in arrivals]
    asked = codec.encode([[row[name] for name in _COLUMNS] for row in rows]).decode()
    statement = _STATEMENTS[connection.dialect.name]
    found = {
        int(place): Before(other or "", twin or 0, answer)
        for place, twin, answer, other in connection.execute(statement, {"asked": asked})
    }
    return [found.get(place, _NOTHING) for place in range(len(arrivals))]
