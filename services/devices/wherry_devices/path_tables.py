"""The table of the paths by which measurements came; no number is in it but as a keyed hash."""

from sqlalchemy import BigInteger, Boolean, Column, Double, Index, Integer, Table, Text

from wherry_devices import seen_tables

metadata = seen_tables.metadata

# One row for each stored reading. preferred_* name the reading that it is a duplicate of, if any.
# check_s is when the stored resource is to be looked at for that mark, last whether it is for the
# last time.
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
    Column("check_s", Double),
    Column("last", Boolean, nullable=False),
    Index("device_sighting_value", "value_hash", "instant_s"),
    Index("device_sighting_owner", "owner", "family", "instant_s"),
    Index("device_sighting_check", "check_s"),
)
