"""Days whose derived numbers are to be made again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make device_day."""
    op.create_table(
        "device_day",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("patient_id", "what", "day")),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("since_s", sa.Double, nullable=False),
        sa.Column("marked_s", sa.Double, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("free_at_s", sa.Double, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("device_day_free", "device_day", ["free_at_s"])
