"""The authorization server's tables; of every secret only its hash is kept."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

from wherry_ehr.store.tables import metadata

session = Table(
    "auth_session",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("practitioner", String(64), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)
"""Clinicians who are signed in."""

ticket = Table(
    "auth_ticket",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("session", String(64), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("used", Boolean, nullable=False),
    Column("body", Text, nullable=False),
)
"""Secrets that work once: launch handles, pending requests, codes and refresh tokens."""

token = Table(
    "auth_token",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("code", String(64), nullable=False),
    Column("session", String(64), nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("auth_token_code", "code"),
    Index("auth_token_session", "session"),
)
"""Access tokens, each with the code that it came from: its family."""

family = Table(
    "auth_family",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("client_id", String(255), nullable=False),
    Column("session", String(64), nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Index("auth_family_session", "session"),
)
"""What came from one code with a refresh token; an empty session outlives the clinician's."""

client = Table(
    "auth_client",
    metadata,
    Column("client_id", String(255), primary_key=True),
    Column("body", Text, nullable=False),
    Column("digest", String(64), nullable=False),
)
"""Registrations that were added while the sandbox ran, each with the digest of its text."""

assertion = Table(
    "auth_assertion",
    metadata,
    Column("client_id", String(255), primary_key=True),
    Column("jti_hash", String(64), primary_key=True),
    Column("ends_at", BigInteger, nullable=False),
)
"""Client assertions that were taken, until they would have expired anyway."""

key = Table(
    "auth_key",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("jwk", Text, nullable=False),
)
"""The one key that signs id_tokens."""
