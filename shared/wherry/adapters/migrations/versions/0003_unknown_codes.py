"""Codes without a place in a code table are counted by sender and table."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make unknown_code."""
    op.create_table(
        "unknown_code",
        sa.Column("sender", sa.Text, primary_key=True),
        sa.Column("code_table", sa.Text, primary_key=True),
        sa.Column("times", sa.BigInteger, nullable=False),
        sa.Column("last_s", sa.Double, nullable=False),
    )
