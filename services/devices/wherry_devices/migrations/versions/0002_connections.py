"""Connections to vendors' clouds."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of connections, consents, vendors and fetches."""
    op.create_table(
        "device_connection",
        sa.Column("id", sa.Text, primary_key=True),
        *_many(sa.Text, "source", "account_key", "patient_id", "verified_by", "state", "scopes"),
        *_many(sa.Text, "cursor"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        *_many(sa.Text, "key_id"),
        *_many(sa.BigInteger, "tokens_no"),
        *_many(sa.Double, "expires_s", "connected_s", "fetched_s", "next_s", "free_s"),
        *_many(sa.Double, "claimed_s", "nudged_s"),
        *_many(sa.Integer, "failures"),
        *_many(sa.BigInteger, "fence"),
        *_many(sa.Text, "trouble", "owner"),
    )
    op.create_index("device_connection_account", "device_connection", ["account_key"], unique=True)
    op.create_index("device_connection_due", "device_connection", ["state", "next_s"])
    op.create_index("device_connection_patient", "device_connection", ["patient_id"])
    op.create_table(
        "device_consent",
        sa.Column("digest", sa.Text, primary_key=True),
        *_many(sa.Text, "source", "patient_id", "verified_by"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        *_many(sa.Text, "key_id"),
        *_many(sa.Double, "expires_s"),
    )
    op.create_table(
        "device_vendor",
        sa.Column("source", sa.Text, primary_key=True),
        *_many(sa.Text, "failing"),
        *_many(sa.Integer, "probes"),
        *_many(sa.Double, "away_since_s", "free_s"),
    )
    op.create_table(
        "device_fetch",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, primary_key=True),
        *_many(sa.BigInteger, "count"),
    )


def _many(type_: Any, *names: str) -> Iterator[sa.Column[Any]]:
    for name in names:
        yield sa.Column(name, type_, nullable=False)
