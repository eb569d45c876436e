"""Who looked at devices or bound them, as rows on SQLite or PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, insert, select

from wherry.adapters.sql import database_now, label, reading, writing
from wherry_devices.freshness.seen import Deed
from wherry_devices.freshness.seen_tables import device_audit

_row = device_audit.c


class SqlAudit:
    """The `Audit` port on the table device_audit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def note(self, deeds: Sequence[Deed]) -> None:
        """Keep them; on return they survive."""
        with writing(self._engine) as connection:
            note(connection, deeds)

    def deeds(self, *, after: int = 0, limit: int = 100) -> list[tuple[int, datetime, Deed]]:
        """Rows above `after`, oldest first."""
        wanted = select(device_audit).where(_row.id > after).order_by(_row.id).limit(limit)
        with reading(self._engine) as connection:
            return [
                (
                    row.id,
                    datetime.fromtimestamp(row.at_s, UTC),
                    Deed(row.who, row.what, row.patient_id, row.device_key, row.note),
                )
                for row in connection.execute(wanted)
            ]


def note(connection: Connection, deeds: Sequence[Deed]) -> None:
    """One row for each, in the transaction of the deed itself."""
    if not deeds:
        return
    now_s = connection.scalar(select(database_now()))
    connection.execute(
        insert(device_audit),
        [
            {
                "at_s": now_s,
                "who": label(one.who),
                "what": one.what,
                "patient_id": label(one.patient),
                "device_key": label(one.key),
                "note": label(one.note),
            }
            for one in deeds
        ],
    )
