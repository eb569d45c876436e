"""The first table: deeds."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make smart_deed."""
    op.create_table(
        "smart_deed",
        sa.Column("id", _Id, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        *(
            sa.Column(name, sa.Text, nullable=False)
            for name in ("issuer", "patient", "person", "what", "about", "reason", "note")
        ),
        sa.Column("until_s", sa.Double),
        sa.Column("key", sa.Text, nullable=False),
    )
    op.create_index("smart_deed_patient", "smart_deed", ["issuer", "patient", "id"])
    op.create_index("smart_deed_key", "smart_deed", ["issuer", "patient", "key"], unique=True)
