"""The first tables: messages, how they stand, changed patients."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make message, message_state and patient_change."""
    op.create_table(
        "message",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("received_at_s", sa.Double, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("source", "channel", "sender", "kind", "control_id", "digest")
        ),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "message_state",
        sa.Column(
            "message_id", _Id, sa.ForeignKey("message.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("reason", "patient_key", "patient_keys", "owner", "token")
        ),
        sa.Column("free_at_s", sa.Double, nullable=False),
    )
    for name, columns, where in (
        (
            "message_unfinished",
            ["source", "message_id"],
            sa.text("state IN ('waiting', 'claimed')"),
        ),
        ("message_held", ["source", "free_at_s"], sa.text("free_at_s > 0")),
        ("message_aside", ["message_id"], sa.text("state = 'aside'")),
    ):
        op.create_index(name, "message_state", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "patient_change",
        sa.Column("patient_id", sa.Text, primary_key=True),
        sa.Column("mark", sa.BigInteger, nullable=False),
        sa.Column("since_s", sa.Double, nullable=False),
        sa.Column("marked_s", sa.Double, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("free_at_s", sa.Double, nullable=False),
    )
    op.create_index("patient_change_since", "patient_change", ["since_s"])
