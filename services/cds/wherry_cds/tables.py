"""The tables of the CDS service."""

from sqlalchemy import Column, Double, MetaData, String, Table, Text

metadata = MetaData()

# body: the registration as JSON. Times are seconds since 1970.
cds_client = Table(
    "cds_client",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("body", Text, nullable=False),
    Column("recorded_s", Double, nullable=False),
)
