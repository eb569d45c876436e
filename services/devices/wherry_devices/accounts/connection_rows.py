"""Rows of connections become values, and tokens sealed bytes."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from wherry.adapters.sealing import Sealer
from wherry.codec import decode, encode
from wherry_devices.accounts.connection_tables import device_connection
from wherry_devices.accounts.connections import Access, Connection, Tokens

_row = device_connection.c
ALL_BUT_SECRETS = tuple(column for column in _row if column.name not in {"sealed", "key_id"})


def seen(row: Row[Any]) -> Connection:
    """A connection without its secrets."""
    return Connection(
        id=row.id,
        source=row.source,
        key=row.account_key,
        patient=row.patient_id,
        verified_by=row.verified_by,
        access=Access(row.state),
        scopes=row.scopes,
        connected_at=_at(row.connected_s),
        next_at=_at(row.next_s),
        fetched_at=_at(row.fetched_s) if row.fetched_s else None,
        failures=row.failures,
        trouble=row.trouble,
    )


def sealed(sealer: Sealer, id_: str, tokens: Tokens) -> dict[str, Any]:
    """The columns of tokens: they only open in this row and under this number."""
    secret = {
        "account": tokens.account,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
    }
    return {
        "sealed": sealer.group()(encode(secret), _identity(id_, tokens.number)),
        "key_id": sealer.key_id,
        "tokens_no": tokens.number,
        "expires_s": tokens.expires_at.timestamp(),
    }


def opened(sealer: Sealer, row: Row[Any]) -> Tokens:
    """The tokens of a row. Raises: Failure(UNAVAILABLE, FAULT) as `Sealer.open`."""
    identity = _identity(row.id, row.tokens_no)
    secret = decode(sealer.open(row.key_id, row.sealed, identity))
    return Tokens(**secret, expires_at=_at(row.expires_s), number=row.tokens_no)


def _identity(id_: str, number: int) -> str:
    return f"connection {id_} {number}"


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
