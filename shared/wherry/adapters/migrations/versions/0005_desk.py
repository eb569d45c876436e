"""Bodies get a key, a character set and an end; senders get figures; what operators do is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add the columns and the tables, and count what is there."""
    for name in ("charset", "key_id"):
        op.add_column("message", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column(
        "message_state",
        sa.Column("purged_at_s", sa.Double, nullable=False, server_default=sa.text("0")),
    )
    counted = ("received", "dropped", "last_id", "window_no", "in_window", "in_window_before")
    _figures("sender_received", counted, ("first_s", "last_s"))
    _figures("sender_settled", ("done", "aside"), ("last_s", "lag_s"))
    op.create_table(
        "inbox_audit",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("who", "what", "note")),
        sa.Column("message_id", _Id, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_audit_message", "inbox_audit", ["message_id"])
    op.execute(
        "INSERT INTO sender_received (source, sender, received, dropped, last_id, window_no,"
        " in_window, in_window_before, first_s, last_s)"
        " SELECT source, sender, count(*), 0, max(id), 0, 0, 0,"
        " min(received_at_s), max(received_at_s)"
        " FROM message GROUP BY source, sender"
    )


def _figures(name: str, counts: tuple[str, ...], times: tuple[str, ...]) -> None:
    op.create_table(
        name,
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("sender", sa.Text, primary_key=True),
        *(sa.Column(column, sa.BigInteger, nullable=False) for column in counts),
        *(sa.Column(column, sa.Double, nullable=False) for column in times),
    )
