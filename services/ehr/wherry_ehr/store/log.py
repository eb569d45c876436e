"""The log of versions, read backwards."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from wherry_ehr.store.rows import Found
from wherry_ehr.store.tables import resource, version


@dataclass(frozen=True, slots=True)
class Span:
    """Versions of all, of a type, or of one resource; `since` are microseconds since 1970."""

    type: str = ""
    id: str = ""
    since: int = 0

    def holds(self) -> list[ColumnElement[bool]]:
        """As conditions on the log joined with its resources."""
        asked: list[tuple[Any, bool]] = [
            (resource.c.type == self.type, bool(self.type)),
            (resource.c.id == self.id, bool(self.id)),
            (version.c.updated >= self.since, bool(self.since)),
        ]
        return [condition for condition, wanted in asked if wanted]


def versions(connection: Connection, span: Span, before: int, limit: int) -> Iterator[Found]:
    """Newest first, from before this number in the log on; 0 begins at the end."""
    v, r = version.c, resource.c
    asked = (
        select(r.rid, r.type, r.id, v.vid, v.seq, v.updated, v.body)
        .join_from(version, resource, v.rid == r.rid)
        .where(*span.holds(), *([v.seq < before] if before else []))
        .order_by(v.seq.desc())
        .limit(limit)
    )
    for rid, type_, id_, vid, seq, updated, body in connection.execute(asked):
        yield Found(rid, type_, id_, vid, seq, updated, not body, "", body)


def versions_count(connection: Connection, span: Span) -> int:
    """How many there are."""
    asked = select(func.count()).select_from(
        version.join(resource, version.c.rid == resource.c.rid)
    )
    return int(connection.execute(asked.where(*span.holds())).scalar_one())
