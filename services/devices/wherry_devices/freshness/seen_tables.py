"""What was last heard of devices, on which days, what they told of themselves; who looked."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from wherry_devices import tables

metadata = tables.metadata

_Id = BigInteger().with_variant(Integer, "sqlite")

# The newest reading of a kind by a device, or of an account, while it belonged to a patient; the
# patient is empty while nobody owned it. unit_key: the device without its user. measured_s: when
# the newest was measured; heard_s: when that one came first; received_s: when any came last.
device_seen = Table(
    "device_seen",
    metadata,
    Column("device_key", Text, primary_key=True),
    Column("patient_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("unit_key", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("measured_s", Double, nullable=False),
    Column("heard_s", Double, nullable=False),
    Column("received_s", Double, nullable=False),
    Index("device_seen_unit", "unit_key"),
    Index("device_seen_received", "received_s"),
)

# The quarters of an hour of a day of UTC in which a device itself measured, one bit for each: 48
# in `morning`, 48 in `evening`. named: a source said the date alone. So replays count nothing twice
# and the days of any time zone can be made of them.
device_seen_day = Table(
    "device_seen_day",
    metadata,
    Column("device_key", Text, primary_key=True),
    Column("patient_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("morning", BigInteger, nullable=False),
    Column("evening", BigInteger, nullable=False),
    Column("named", Integer, nullable=False),
    Index("device_seen_day_patient", "patient_id", "day"),
    Index("device_seen_day_day", "day"),
)

# What a device or its hub told last of itself, by the names of mapping/telemetry.py.
device_told = Table(
    "device_told",
    metadata,
    Column("device_key", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("at_s", Double, nullable=False),
    Column("value", Text, nullable=False),
)

# Seconds of something in steps, over all workers; bound: the upper end of a step. No patient.
device_step = Table(
    "device_step",
    metadata,
    Column("source", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("bound", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("sum_s", Double, nullable=False),
)

# Who looked at a patient's devices or changed what they are bound to; ids only.
device_audit = Table(
    "device_audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("patient_id", Text, nullable=False),
    Column("device_key", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("device_audit_patient", "patient_id"),
)
