"""What came before is found by its control id and bytes; its answer is known and it is counted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add message.answer and message_state.repeats; index what makes two messages the same."""
    op.add_column(
        "message", sa.Column("answer", sa.Text, nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "message_state",
        sa.Column("repeats", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    named = sa.text("control_id <> ''")
    op.create_index(
        "message_seen",
        "message",
        ["source", "channel", "sender", "control_id", "digest"],
        sqlite_where=named,
        postgresql_where=named,
    )
