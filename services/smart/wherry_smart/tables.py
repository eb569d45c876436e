"""The launch host's table: what people did in the app, one row for each deed."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text

_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

# Times are seconds since 1970. issuer: the FHIR base of the EHR that patient and person belong to.
# about: the alert, order or card that it was done to. key: the same deed sent twice is one row.
smart_deed = Table(
    "smart_deed",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("patient", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("until_s", Double),
    Column("key", Text, nullable=False),
    Index("smart_deed_patient", "issuer", "patient", "id"),
    Index("smart_deed_key", "issuer", "patient", "key", unique=True),
)
