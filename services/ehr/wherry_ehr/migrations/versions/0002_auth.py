"""The authorization server's tables: sessions, one-time tickets, tokens, assertions, the key."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _short(name: str, length: int = 64, *, key: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), primary_key=key, nullable=False)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False)


def _ends_at() -> "sa.Column[int]":
    return sa.Column("ends_at", sa.BigInteger, nullable=False)


def upgrade() -> None:
    """Make auth_session, auth_ticket, auth_token, auth_assertion and auth_key."""
    op.create_table("auth_session", _short("hash", key=True), _short("practitioner"), _ends_at())
    op.create_table(
        "auth_ticket",
        _short("hash", key=True),
        _short("kind", 8),
        _short("session"),
        _ends_at(),
        _flag("used"),
        _text("body"),
    )
    op.create_table(
        "auth_token",
        _short("hash", key=True),
        _short("code"),
        _short("session"),
        _ends_at(),
        _flag("revoked"),
        _text("body"),
    )
    op.create_index("auth_token_code", "auth_token", ["code"])
    op.create_index("auth_token_session", "auth_token", ["session"])
    op.create_table(
        "auth_assertion",
        _short("client_id", 255, key=True),
        _short("jti_hash", key=True),
        _ends_at(),
    )
    op.create_table(
        "auth_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        _text("jwk"),
    )
