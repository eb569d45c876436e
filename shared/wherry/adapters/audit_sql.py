"""Deeds of operators become audit rows, and audit rows deeds."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from wherry.adapters.inbox_tables import inbox_audit
from wherry.adapters.sql import database_now, label
from wherry.desk import Deed, What

_row = inbox_audit.c


def note_deeds(
    connection: Connection, who: str, what: What, message_ids: Sequence[int], note: str = ""
) -> None:
    """One row for each message, in the transaction of the deed itself."""
    if not message_ids:
        return
    now_s = connection.scalar(select(database_now()))
    shared = {"at_s": now_s, "who": label(who), "what": what.value, "note": label(note)}
    connection.execute(
        insert(inbox_audit), [shared | {"message_id": message_id} for message_id in message_ids]
    )


def deeds(connection: Connection, *, message_id: int, after: int, limit: int) -> list[Deed]:
    """Rows above `after`, oldest first; of one message, or of all when it is 0."""
    wanted = select(inbox_audit).where(_row.id > after).order_by(_row.id).limit(limit)
    if message_id:
        wanted = wanted.where(_row.message_id == message_id)
    return [
        Deed(
            id=row.id,
            at=datetime.fromtimestamp(row.at_s, UTC),
            who=row.who,
            what=What(row.what),
            message_id=row.message_id,
            note=row.note,
        )
        for row in connection.execute(wanted)
    ]
