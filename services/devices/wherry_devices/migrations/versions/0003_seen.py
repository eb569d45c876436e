"""What was last heard of each device, how often it is expected, and who looked."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of last readings, days, telemetry, steps and audit."""
    _binding()
    _seen()
    op.create_table(
        "device_told",
        sa.Column("device_key", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "device_step",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("source", "name", "bound")),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("sum_s", sa.Double, nullable=False),
    )
    op.create_table(
        "device_audit",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("who", "what", "patient_id", "device_key", "note")
        ),
    )
    op.create_index("device_audit_patient", "device_audit", ["patient_id"])


def _binding() -> None:
    for name in ("unit_key", "zone"):
        made = sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''"))
        op.add_column("device_binding", made)
    op.add_column("device_binding", sa.Column("expected_every_s", sa.BigInteger))


def _seen() -> None:
    op.create_table(
        "device_seen",
        *(sa.Column(name, sa.Text, primary_key=True) for name in _OF),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("source", "unit_key", "model")),
        *(
            sa.Column(name, sa.Double, nullable=False)
            for name in ("measured_s", "heard_s", "received_s")
        ),
    )
    op.create_index("device_seen_unit", "device_seen", ["unit_key"])
    op.create_index("device_seen_received", "device_seen", ["received_s"])
    op.create_table(
        "device_seen_day",
        *(sa.Column(name, sa.Text, primary_key=True) for name in _OF),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("morning", "evening")),
        sa.Column("named", sa.Integer, nullable=False),
    )
    op.create_index("device_seen_day_patient", "device_seen_day", ["patient_id", "day"])
    op.create_index("device_seen_day_day", "device_seen_day", ["day"])


_OF = ("device_key", "patient_id", "kind")
