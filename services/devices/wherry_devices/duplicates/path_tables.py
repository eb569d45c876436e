"""The table of the paths by which measurements came; no number is in it but as a keyed hash."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, Table, Text

from wherry_devices.freshness import seen_tables

metadata = seen_tables.metadata

# One row for each stored reading. preferred_* name the reading that it is a duplicate of, if any.
# withdrawn: its source took it back. check_s is when the stored resource is looked at, whether it
# says so; last: not again after that.
device_sighting = Table(
    "device_sighting",
    metadata,
    Column("source", Text, primary_key=True),
    Column("reading", Text, primary_key=True),
    Column("patient_id", Text, nullable=False),
    Column("family", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("maker", Text, nullable=False),
    Column("path_rank", Integer, nullable=False),
    Column("instant_s", Double, nullable=False),
    Column("said_s", BigInteger, nullable=False),
    Column("value_hash", Text, nullable=False),
    Column("preferred_source", Text, nullable=False),
    Column("preferred_reading", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("check_s", Double),
    Column("last", Boolean, nullable=False),
    Index("device_sighting_value", "value_hash", "instant_s"),
    Index("device_sighting_owner", "owner", "family", "instant_s"),
    Index("device_sighting_check", "check_s"),
)

# Intervals of which a source took all readings back, as it said at said_s.
device_withdrawal = Table(
    "device_withdrawal",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("family", Text, primary_key=True),
    Column("since_s", Double, primary_key=True),
    Column("until_s", Double, primary_key=True),
    Column("said_s", BigInteger, nullable=False),
)
