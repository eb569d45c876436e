"""Statements that several parts of the authorization server's store share."""

import secrets
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.schema import Table

from wherry_ehr.auth import tables
from wherry_ehr.auth.clients import hashed
from wherry_ehr.auth.records import Grant

# How long what has ended is still known, so that its reuse is noticed
_KEPT_S = 86_400


def hand_out(connection: Connection, kind: str, body: Any, session: str, ends_at: int) -> str:
    """A new secret that works once; only its hash is kept."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(tables.ticket).values(
            hash=hashed(secret),
            kind=kind,
            session=session,
            ends_at=ends_at,
            used=False,
            body=msgspec.json.encode(body).decode(),
        )
    )
    return secret


def use_up(connection: Connection, hash_: str) -> bool:
    """Whether this call is the one that used the secret of this hash."""
    held = tables.ticket.c
    changed = connection.execute(
        update(tables.ticket).where(held.hash == hash_, held.used.is_(False)).values(used=True)
    )
    return changed.rowcount == 1


def new_token(
    connection: Connection, grant: Grant, *, family: str, session: str, ends_at: int
) -> str:
    """A new access token."""
    secret = secrets.token_urlsafe(32)
    connection.execute(
        insert(tables.token).values(
            hash=hashed(secret),
            code=family,
            session=session,
            ends_at=ends_at,
            revoked=False,
            body=msgspec.json.encode(grant).decode(),
        )
    )
    return secret


def prune(connection: Connection, table: Table, now_s: int) -> None:
    """Forget what ended a day ago."""
    connection.execute(delete(table).where(table.c.ends_at < now_s - _KEPT_S))


def in_turn(connection: Connection) -> None:
    """Two processes that look before they write must not look at the same time."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(8731008)")


def seconds(moment: datetime) -> int:
    """Seconds since 1970, as they are kept."""
    return int(moment.timestamp())
