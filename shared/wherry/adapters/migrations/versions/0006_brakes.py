"""Senders get brakes, what these hold back is out of the way, and the daily purge has a row."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables and the index of what is held back."""
    op.create_table(
        "sender_brake",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("source", "sender")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("stage", "reason")),
        *(
            sa.Column(name, sa.BigInteger, nullable=False)
            for name in ("in_a_row", "probe_id", "let_through")
        ),
        *(
            sa.Column(name, sa.Double, nullable=False)
            for name in ("on_at_s", "probe_at_s", "pause_s")
        ),
    )
    op.create_table(
        "chore",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in ("free_at_s", "ended_s")),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("bodies", "rows_")),
    )
    op.create_index(
        "message_braked",
        "message_state",
        ["source", "message_id"],
        sqlite_where=sa.text("state = 'braked'"),
        postgresql_where=sa.text("state = 'braked'"),
    )
