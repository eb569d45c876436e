"""The first table: EHRs that may call."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make cds_client."""
    op.create_table(
        "cds_client",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("recorded_s", sa.Double, nullable=False),
    )
