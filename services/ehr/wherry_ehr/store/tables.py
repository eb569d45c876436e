"""The store's tables: every version in a log, a pointer to the current one, and index rows."""

from sqlalchemy import (
    BigInteger,
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
)

metadata = MetaData()

# SQLite takes only INTEGER for the key that is the row's own number.
Number = BigInteger().with_variant(Integer, "sqlite")

version = Table(
    "fhir_version",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=False),
    Column("rid", Number, nullable=False),
    Column("vid", Integer, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("rid", "vid", name="fhir_version_rid_vid"),
)
"""All versions in the order of their commits; `body` is JSON text, empty when deleted."""

resource = Table(
    "fhir_resource",
    metadata,
    Column("rid", Number, primary_key=True, autoincrement=False),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("vid", Integer, nullable=False),
    Column("seq", Number, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("digest", String(32), nullable=False),
    Column("facets", Text, nullable=False),
    UniqueConstraint("type", "id", name="fhir_resource_type_id"),
)
"""One row per resource; `rid` is the `seq` of its first version, `digest` says what it holds."""

# The key orders let one table both find by value and answer "does this resource have it".
token = Table(
    "fhir_token",
    metadata,
    Column("param", String(64), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("rid", Number, primary_key=True, autoincrement=False),
    Column("system", Text, primary_key=True),
    sqlite_with_rowid=False,
)

reference = Table(
    "fhir_reference",
    metadata,
    Column("param", String(64), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("rid", Number, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

date = Table(
    "fhir_date",
    metadata,
    Column("rid", Number, primary_key=True, autoincrement=False),
    Column("param", String(64), primary_key=True),
    Column("start", BigInteger, primary_key=True, autoincrement=False),
    Column("stop", BigInteger, primary_key=True, autoincrement=False),
    Index("fhir_date_param", "param", "start", "stop"),
    sqlite_with_rowid=False,
)

# Compared by code point, so that a prefix is a range on both databases.
Ordered = Text().with_variant(Text(collation="C"), "postgresql")

string = Table(
    "fhir_string",
    metadata,
    Column("rid", Number, primary_key=True, autoincrement=False),
    Column("param", String(64), primary_key=True),
    Column("norm", Ordered, primary_key=True),
    Column("exact", Text, primary_key=True),
    Index("fhir_string_param", "param", "norm"),
    sqlite_with_rowid=False,
)
"""Texts: as they are compared, and as they stand."""

amount = Table(
    "fhir_amount",
    metadata,
    Column("rid", Number, primary_key=True, autoincrement=False),
    Column("param", String(64), primary_key=True),
    Column("low", Double, primary_key=True, autoincrement=False),
    Column("high", Double, primary_key=True, autoincrement=False),
    Column("system", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Index("fhir_amount_param", "param", "low", "high"),
    sqlite_with_rowid=False,
)
"""Numbers and quantities as ranges, with their units."""

edition = Table("fhir_edition", metadata, Column("edition", String(16), primary_key=True))
"""Of the search parameters that all rows were made by."""

page = Table(
    "fhir_page",
    metadata,
    Column("token", String(64), primary_key=True),
    Column("made_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
)
"""Pages promised by `next` links: their addresses hold a token, never a patient's identifier."""
