"""The first tables: bindings, waiting messages, counts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make device_binding, device_waiting and device_tally."""
    op.create_table(
        "device_binding",
        sa.Column("device_key", sa.Text, primary_key=True),
        sa.Column("valid_from_s", sa.Double, primary_key=True),
        sa.Column("valid_to_s", sa.Double),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("source", "patient_id", "verified_by")
        ),
        sa.Column("recorded_s", sa.Double, nullable=False),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    op.create_index("device_binding_patient", "device_binding", ["patient_id"])
    op.create_table(
        "device_waiting",
        sa.Column("message_id", _Id, primary_key=True, autoincrement=False),
        sa.Column("device_key", sa.Text, primary_key=True),
        sa.Column("seen", sa.BigInteger, nullable=False),
    )
    op.create_index("device_waiting_key", "device_waiting", ["device_key"])
    op.create_table(
        "device_tally",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
