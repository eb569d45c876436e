"""Old rows of the tables of this service are removed for good."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, exists, or_, select

from wherry.adapters.sql import writing
from wherry_cds.tables import cds_audit, cds_decision, cds_feedback, cds_snooze, cds_ticket

AT_ONCE = 200
"""Rows in one transaction: short enough that no call waits for it."""

_decision, _said, _quiet = cds_decision.c, cds_feedback.c, cds_snooze.c
_ticket, _deed = cds_ticket.c, cds_audit.c


def _is_doubted(card: Any, tenant: Any) -> ColumnElement[bool]:
    """A ticket on this card is open: a person needs what it is about."""
    open_ = (_ticket.card_id == card, _ticket.tenant == tenant, _ticket.closed_s.is_(None))
    return exists(select(_ticket.id).where(*open_))


# What of each table is over: clients and switches hold until somebody changes them
_OVER: Mapping[Table, Callable[[float], tuple[ColumnElement[bool], ...]]] = {
    cds_decision: lambda before_s: (
        _decision.at_s < before_s,
        ~_is_doubted(_decision.card_id, _decision.tenant),
    ),
    cds_feedback: lambda before_s: (
        _said.received_s < before_s,
        ~_is_doubted(_said.card_id, _said.tenant),
    ),
    cds_snooze: lambda before_s: (or_(_quiet.until_s < before_s, _quiet.ended_s < before_s),),
    cds_ticket: lambda before_s: (_ticket.closed_s < before_s,),
    cds_audit: lambda before_s: (_deed.at_s < before_s,),
}


class SqlRowKeeper:
    """The `RowKeeper` port: decisions, feedback, ended snoozes, closed tickets, audit rows.

    What an open ticket is about stays until it is closed.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def drop(self, before: datetime) -> int:
        """Remove a page of each table; in a SQLite file nothing readable is left."""
        with writing(self._engine, durable=False) as connection:
            _overwrite(connection)
            return sum(
                _drop(connection, table, over(before.timestamp())) for table, over in _OVER.items()
            )


def _drop(connection: Connection, table: Table, over: tuple[ColumnElement[bool], ...]) -> int:
    page = list(connection.scalars(select(table.c.id).where(*over).limit(AT_ONCE)))
    if page:
        connection.execute(delete(table).where(table.c.id.in_(page)))
    return len(page)


def _overwrite(connection: Connection) -> None:
    """What goes leaves nothing readable in free pages of a SQLite file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
