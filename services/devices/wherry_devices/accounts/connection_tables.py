"""The tables of connections: accounts with sealed tokens, consents asked for, vendors, fetches."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, LargeBinary, Table, Text

from wherry_devices.tables import metadata


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _seconds(*names: str) -> list[Column[float]]:
    return [Column(name, Double, nullable=False) for name in names]


# Times are seconds since 1970. account_key: the opaque key of the account. sealed: account and
# tokens, encrypted for this row and this tokens_no. next_s: when it is due; free_s: nobody may take
# it before; claimed_s, nudged_s: when it was last lent, and when a notice last told of it.
device_connection = Table(
    "device_connection",
    metadata,
    Column("id", Text, primary_key=True),
    *_texts("source", "account_key", "patient_id", "verified_by", "state", "scopes", "cursor"),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("tokens_no", BigInteger, nullable=False),
    *_seconds("expires_s", "connected_s", "fetched_s", "next_s", "free_s", "claimed_s", "nudged_s"),
    Column("failures", Integer, nullable=False),
    Column("fence", BigInteger, nullable=False),
    *_texts("trouble", "owner"),
    Index("device_connection_account", "account_key", unique=True),
    Index("device_connection_due", "state", "next_s"),
    Index("device_connection_patient", "patient_id"),
)

# Consents that were asked for. digest: of the state that the vendor sends back.
device_consent = Table(
    "device_consent",
    metadata,
    Column("digest", Text, primary_key=True),
    *_texts("source", "patient_id", "verified_by"),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", Text, nullable=False),
    *_seconds("expires_s"),
)

# Vendors of whom connections failed. failing: their ids, separated by spaces.
device_vendor = Table(
    "device_vendor",
    metadata,
    Column("source", Text, primary_key=True),
    *_texts("failing"),
    Column("probes", Integer, nullable=False),
    *_seconds("away_since_s", "free_s"),
)

# How all fetches so far ended, by source; no patient.
device_fetch = Table(
    "device_fetch",
    metadata,
    Column("source", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
