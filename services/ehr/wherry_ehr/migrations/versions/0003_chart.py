"""The chart's tables. A line of tables of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0003_chart"
down_revision = "0002"


def upgrade() -> None:
    """Make chart_cds_server, chart_cds_key and chart_exchange."""
    op.create_table(
        "chart_cds_server",
        sa.Column("id", sa.String(64), primary_key=True, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
    )
    op.create_table(
        "chart_cds_key",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("jwk", sa.Text, nullable=False),
    )
    op.create_table(
        "chart_exchange",
        sa.Column("id", sa.String(36), primary_key=True, nullable=False),
        sa.Column("occasion", sa.String(36), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("patient", sa.String(64), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("chart_exchange_session", "chart_exchange", ["session", "at"])
    op.create_index("chart_exchange_occasion", "chart_exchange", ["occasion"])
