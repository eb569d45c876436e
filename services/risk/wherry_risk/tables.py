"""The risk service's tables beside the inbox: score records, and who read them."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

# Times are seconds since 1970: at_s as of when it was judged, made_s when. patient_key is a keyed
# hash of tenant and patient. head and body are sealed under key_id: JSON, the body deflated.
# written_s: when the RiskAssessment that was made of it was stored; 0 when none was.
score_record = Table(
    "score_record",
    metadata,
    Column("n", _Id, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("patient_key", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("manifest_sha256", Text, nullable=False),
    Column("made_s", Double, nullable=False),
    Column("at_s", Double, nullable=False),
    Column("written_s", Double, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("head", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("score_record_id", "id", unique=True),
    Index("score_record_patient", "patient_key", "model", "at_s"),
    Index("score_record_made", "made_s"),
    sqlite_autoincrement=True,
)

# Who read or removed records; record_id and patient_key are empty when it was not about one.
score_audit = Table(
    "score_audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("patient_key", Text, nullable=False),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,
)

# Which version of a model is what for a tenant, beside the model that callers ask for.
risk_role = Table(
    "risk_role",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("asked", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("since_s", Double, nullable=False),
    Column("by_", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# Every change of a role; criteria are JSON. before is empty for a version that had no role.
risk_role_trail = Table(
    "risk_role_trail",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("tenant", Text, nullable=False),
    Column("asked", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("by_", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("despite", Text, nullable=False),
    Column("criteria", Text, nullable=False),
    Index("risk_role_trail_tenant", "tenant", "id"),
    sqlite_autoincrement=True,
)

# What became of patients. outcome_key is a keyed hash of whose, which stay and what, so that the
# same outcome again takes the place of the first; body is JSON, sealed under key_id.
risk_outcome = Table(
    "risk_outcome",
    metadata,
    Column("outcome_key", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at_s", Double, nullable=False),
    Column("loaded_s", Double, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("risk_outcome_at", "tenant", "at_s"),
)

# What monitoring found, a row for each version and run; body is JSON of counts and rates.
risk_finding = Table(
    "risk_finding",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("tenant", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("until_s", Double, nullable=False),
    Column("body", Text, nullable=False),
    Index("risk_finding_until", "tenant", "until_s"),
    sqlite_autoincrement=True,
)
