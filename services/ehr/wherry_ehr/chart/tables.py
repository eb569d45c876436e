"""The chart's tables: CDS services, the key that they know us by, calls that were made."""

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from wherry_ehr.store.tables import metadata

cds_server = Table(
    "chart_cds_server",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("url", Text, nullable=False),
)
"""CDS services that were registered while the sandbox ran."""

cds_key = Table(
    "chart_cds_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("jwk", Text, nullable=False),
)
"""The one key that signs calls of CDS services."""

exchange = Table(
    "chart_exchange",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("occasion", String(36), nullable=False),
    Column("session", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("patient", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Index("chart_exchange_session", "session", "at"),
    Index("chart_exchange_occasion", "occasion"),
)
"""Requests and answers as they were sent, secrets masked; `at` are microseconds since 1970."""
