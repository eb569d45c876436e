"""The authorization server's refresh families and registrations. A line of tables of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0003_auth_families"
down_revision = "0002"


def upgrade() -> None:
    """Make auth_family and auth_client."""
    op.create_table(
        "auth_family",
        sa.Column("hash", sa.String(64), primary_key=True, nullable=False),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("ends_at", sa.BigInteger, nullable=False),
    )
    op.create_index("auth_family_session", "auth_family", ["session"])
    op.create_table(
        "auth_client",
        sa.Column("client_id", sa.String(255), primary_key=True, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
