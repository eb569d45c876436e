"""Roles of versions and their trail; outcomes; what monitoring found."""

import sqlalchemy as sa
from alembic import op

revision = "0002_lifecycle"
down_revision = "0001"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make risk_role, risk_role_trail, risk_outcome and risk_finding."""
    op.create_table(
        "risk_role",
        *(
            sa.Column(name, sa.Text, primary_key=True)
            for name in ("tenant", "asked", "model", "version")
        ),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("since_s", sa.Double, nullable=False),
        sa.Column("by_", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_table(
        "risk_role_trail",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                *("tenant", "asked", "model", "version", "before", "after"),
                *("by_", "reason", "despite", "criteria"),
            )
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("risk_role_trail_tenant", "risk_role_trail", ["tenant", "id"])
    op.create_table(
        "risk_outcome",
        sa.Column("outcome_key", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("loaded_s", sa.Double, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("risk_outcome_at", "risk_outcome", ["tenant", "at_s"])
    op.create_table(
        "risk_finding",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("tenant", "model", "version", "role")
        ),
        sa.Column("until_s", sa.Double, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("risk_finding_until", "risk_finding", ["tenant", "until_s"])
