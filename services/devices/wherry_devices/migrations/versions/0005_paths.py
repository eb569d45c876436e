"""The paths by which one measurement came."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make device_sighting and device_withdrawal."""
    op.create_table(
        "device_sighting",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("source", "reading")),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("patient_id", "family", "owner", "maker")
        ),
        sa.Column("path_rank", sa.Integer, nullable=False),
        sa.Column("instant_s", sa.Double, nullable=False),
        sa.Column("said_s", sa.BigInteger, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("value_hash", "preferred_source", "preferred_reading")
        ),
        sa.Column("withdrawn", sa.Boolean, nullable=False),
        sa.Column("check_s", sa.Double),
        sa.Column("last", sa.Boolean, nullable=False),
    )
    op.create_index("device_sighting_value", "device_sighting", ["value_hash", "instant_s"])
    op.create_index("device_sighting_owner", "device_sighting", ["owner", "family", "instant_s"])
    op.create_index("device_sighting_check", "device_sighting", ["check_s"])
    op.create_table(
        "device_withdrawal",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("owner", "family")),
        *(sa.Column(name, sa.Double, primary_key=True) for name in ("since_s", "until_s")),
        sa.Column("said_s", sa.BigInteger, nullable=False),
    )
