"""Changed patients get a state, so that those who cannot be looked at are kept and seen."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add state, attempts, reason and time of the last failure to patient_change."""
    for name, kind, default in (
        ("state", sa.Text, "'waiting'"),
        ("attempts", sa.Integer, "0"),
        ("reason", sa.Text, "''"),
        ("tried_s", sa.Double, "0"),
    ):
        column = sa.Column(name, kind, nullable=False, server_default=sa.text(default))
        op.add_column("patient_change", column)
