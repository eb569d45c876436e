"""The table of what is to be derived again."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, Table, Text

from wherry_devices.tables import metadata

# One row for each patient, derived value and day that changed. Times are seconds since 1970.
# mark is another number after every change; owner is empty unless somebody works on it, who has
# it until free_at_s; before that nobody else takes it.
device_day = Table(
    "device_day",
    metadata,
    Column("patient_id", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("mark", BigInteger, nullable=False),
    Column("since_s", Double, nullable=False),
    Column("marked_s", Double, nullable=False),
    Column("owner", Text, nullable=False),
    Column("free_at_s", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Index("device_day_free", "free_at_s"),
)
