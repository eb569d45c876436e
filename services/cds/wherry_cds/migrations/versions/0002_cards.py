"""Decisions about cards, snoozes, feedback, tickets, audit and switches."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of cards."""
    op.create_table(
        "cds_decision",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("client", sa.String(255), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("hook", sa.String(64), nullable=False),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("encounter_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(255), nullable=False),
        sa.Column("unit", sa.String(255), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("amount", sa.Double),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("record", sa.String(64), nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("policy", sa.String(12), nullable=False),
        sa.Column("card_id", sa.String(36), nullable=False),
    )
    op.create_index("cds_decision_of", "cds_decision", ["tenant", "patient_id", "service", "at_s"])
    op.create_index("cds_decision_card", "cds_decision", ["card_id"])
    op.create_index("cds_decision_at", "cds_decision", ["at_s"])
    op.create_table(
        "cds_snooze",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(255), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("card_id", sa.String(36), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("from_s", sa.Double, nullable=False),
        sa.Column("until_s", sa.Double, nullable=False),
        sa.Column("ended_s", sa.Double),
        sa.Column("ended_by", sa.String(255)),
    )
    op.create_index("cds_snooze_of", "cds_snooze", ["tenant", "patient_id", "service", "until_s"])
    op.create_table(
        "cds_feedback",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("received_s", sa.Double, nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("card_id", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("outcome_s", sa.Double, nullable=False),
        sa.Column("suggestions", sa.Text, nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("orphan", sa.Boolean, nullable=False),
        sa.UniqueConstraint("tenant", "card_id", "outcome", "outcome_s", name="cds_feedback_once"),
    )
    op.create_table(
        "cds_ticket",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("opened_s", sa.Double, nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("card_id", sa.String(36), nullable=False),
        sa.Column("closed_s", sa.Double),
        sa.Column("closed_by", sa.String(255)),
    )
    op.create_table(
        "cds_audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("event", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(255), nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("patient_id", sa.String(64), nullable=False),
        sa.Column("about", sa.String(255), nullable=False),
    )
    op.create_index("cds_audit_at", "cds_audit", ["at_s"])
    op.create_table(
        "cds_switch",
        sa.Column("tenant", sa.String(255), primary_key=True),
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("at_s", sa.Double, nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("reason", sa.String(255), nullable=False),
    )
