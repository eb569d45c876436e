"""Roles, the score beside and the summary of a decision; where a reason and a time came from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("cds_decision", sa.Column("beside", sa.Double))
    op.add_column("cds_decision", _text("role", 64))
    op.add_column("cds_decision", _text("summary", 255))
    op.add_column("cds_snooze", _text("role", 64))
    op.add_column("cds_feedback", _text("system", 255))
    op.add_column(
        "cds_feedback",
        sa.Column("not_utc", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default="")
