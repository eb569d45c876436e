"""The first tables: score records, and who read them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make score_record and score_audit."""
    op.create_table(
        "score_record",
        sa.Column("n", _Id, primary_key=True, autoincrement=True),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in (
                *("id", "tenant", "role", "asked_by", "patient_key"),
                *("model", "version", "manifest_sha256"),
            )
        ),
        sa.Column("made_s", sa.Double, nullable=False),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("written_s", sa.Double, nullable=False),
        sa.Column("key_id", sa.Text, nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("score_record_id", "score_record", ["id"], unique=True)
    op.create_index("score_record_patient", "score_record", ["patient_key", "model", "at_s"])
    op.create_index("score_record_made", "score_record", ["made_s"])
    op.create_table(
        "score_audit",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("who", "what", "record_id", "patient_key", "note")
        ),
        sqlite_autoincrement=True,
    )
