"""The tables of the CDS service."""

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData()

# body: the registration as JSON. Times are seconds since 1970.
cds_client = Table(
    "cds_client",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("recorded_s", Double, nullable=False),
)

# One row for each judged call: the audit of what was shown and what was not, and by which rule.
# level: 0 none to 3 critical. amount: the score as a share; beside: that of NEWS2 beside it.
# record: of the risk service. summary: that of the card.
cds_decision = Table(
    "cds_decision",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("tenant", String(255), nullable=False),
    Column("client", String(255), nullable=False),
    Column("service", String(64), nullable=False),
    Column("hook", String(64), nullable=False),
    Column("patient_id", String(64), nullable=False),
    Column("encounter_id", String(64), nullable=False),
    Column("user_id", String(255), nullable=False),
    Column("unit", String(255), nullable=False),
    Column("level", Integer, nullable=False),
    Column("amount", Double),
    Column("model", String(64), nullable=False),
    Column("version", String(64), nullable=False),
    Column("record", String(64), nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("rule", String(32), nullable=False),
    Column("policy", String(12), nullable=False),
    Column("card_id", String(36), nullable=False),
    Column("beside", Double),
    Column("role", String(64), nullable=False, server_default=""),
    Column("summary", String(255), nullable=False, server_default=""),
    Index("cds_decision_of", "tenant", "patient_id", "service", "at_s"),
    Index("cds_decision_card", "card_id"),
    Index("cds_decision_at", "at_s"),
)

# user_id empty: for everybody. ended_s and ended_by: somebody ended it before its time.
cds_snooze = Table(
    "cds_snooze",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("tenant", String(255), nullable=False),
    Column("patient_id", String(64), nullable=False),
    Column("service", String(64), nullable=False),
    Column("user_id", String(255), nullable=False),
    Column("level", Integer, nullable=False),
    Column("reason", String(255), nullable=False),
    Column("card_id", String(36), nullable=False),
    Column("by", String(255), nullable=False),
    Column("from_s", Double, nullable=False),
    Column("until_s", Double, nullable=False),
    Column("ended_s", Double),
    Column("ended_by", String(255)),
    Column("role", String(64), nullable=False, server_default=""),
    Index("cds_snooze_of", "tenant", "patient_id", "service", "until_s"),
)

# What clinicians did with cards, in the order in which it came. comment may name people.
# not_utc: the time came with another offset and was brought to UTC.
cds_feedback = Table(
    "cds_feedback",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("received_s", Double, nullable=False),
    Column("tenant", String(255), nullable=False),
    Column("service", String(64), nullable=False),
    Column("card_id", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("outcome_s", Double, nullable=False),
    Column("suggestions", Text, nullable=False),
    Column("reason", String(255), nullable=False),
    Column("comment", Text, nullable=False),
    Column("orphan", Boolean, nullable=False),
    Column("system", String(255), nullable=False, server_default=""),
    Column("not_utc", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("tenant", "card_id", "outcome", "outcome_s", name="cds_feedback_once"),
)

# Somebody said that the data of a card are wrong: for a person to look at.
cds_ticket = Table(
    "cds_ticket",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("opened_s", Double, nullable=False),
    Column("tenant", String(255), nullable=False),
    Column("service", String(64), nullable=False),
    Column("card_id", String(36), nullable=False),
    Column("closed_s", Double),
    Column("closed_by", String(255)),
)

# What persons and systems did beside cards: snoozes, switches, reads of a patient's rows.
cds_audit = Table(
    "cds_audit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("event", String(64), nullable=False),
    Column("tenant", String(255), nullable=False),
    Column("who", String(255), nullable=False),
    Column("patient_id", String(64), nullable=False),
    Column("about", String(255), nullable=False),
    Index("cds_audit_at", "at_s"),
)

# A switch that a person threw; service empty: all of the tenant, tenant empty: all tenants.
cds_switch = Table(
    "cds_switch",
    metadata,
    Column("tenant", String(255), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("at_s", Double, nullable=False),
    Column("who", String(255), nullable=False),
    Column("reason", String(255), nullable=False),
)
