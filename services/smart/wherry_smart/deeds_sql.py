"""The `Deeds` port on one table of SQLite or PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Row, and_, select

from wherry.adapters.sql import label, reading, upsert, writing
from wherry_smart.deeds import Deed, Doing, Subject, What
from wherry_smart.tables import smart_deed

_row = smart_deed.c
_NOTE_CHARS = 2000


class SqlDeeds:
    """Rows are added, never changed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def keep(self, subject: Subject, doing: Doing, *, at: datetime) -> Deed:
        """Keep it once. Raises: Failure(UNAVAILABLE)."""
        whose = and_(_row.issuer == subject.issuer, _row.patient == subject.patient)
        values = {
            "at_s": at.timestamp(),
            "issuer": subject.issuer,
            "patient": subject.patient,
            "person": label(subject.person),
            "what": doing.what.value,
            "about": label(doing.about),
            "reason": label(doing.reason),
            "note": doing.note[:_NOTE_CHARS].replace("\x00", "\ufffd"),
            "until_s": doing.until.timestamp() if doing.until else None,
            "key": label(doing.key),
        }
        with writing(self._engine) as connection:
            adding = upsert(connection.dialect.name, smart_deed).values(values)
            connection.execute(adding.on_conflict_do_nothing())
            same = select(smart_deed).where(and_(whose, _row.key == values["key"]))
            return _deed(connection.execute(same).one())

    def of(self, issuer: str, patient: str, *, before: int = 0, limit: int = 200) -> Sequence[Deed]:
        """Newest first. Raises: Failure(UNAVAILABLE)."""
        wanted = select(smart_deed).where(and_(_row.issuer == issuer, _row.patient == patient))
        if before:
            wanted = wanted.where(_row.id < before)
        with reading(self._engine) as connection:
            rows = connection.execute(wanted.order_by(_row.id.desc()).limit(limit))
            return [_deed(row) for row in rows]


def _deed(row: Row[Any]) -> Deed:
    return Deed(
        id=row.id,
        at=datetime.fromtimestamp(row.at_s, UTC),
        person=row.person,
        what=What(row.what),
        about=row.about,
        reason=row.reason,
        note=row.note,
        until=None if row.until_s is None else datetime.fromtimestamp(row.until_s, UTC),
    )
