"""The inbox database: messages as they came, how each stands, and patients that changed."""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    text,
)

_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

message = Table(
    "message",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("received_at_s", Double, nullable=False),
    Column("source", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sender", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("control_id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("charset", Text, nullable=False, server_default=""),
    Column("key_id", Text, nullable=False, server_default=""),
    Column("answer", Text, nullable=False, server_default=text("''")),
    sqlite_autoincrement=True,
)

# Finds what came before. In this order the entries of one sender, who counts up, lie together.
NAMED = text("control_id <> ''")
Index(
    "message_seen",
    *(message.c[name] for name in ("source", "channel", "sender", "control_id", "digest")),
    sqlite_where=NAMED,
    postgresql_where=NAMED,
)

# Kept apart from the body, so that lending and settling rewrite a few small rows.
# free_at_s: nobody may take the message before this time, be it a lease or a back-off.
# patient_key: the patient key when there is exactly one; patient_keys: all of them, as JSON.
# purged_at_s: when the body was removed; 0 while it is there.
# repeats: how often the same came again and was not kept.
message_state = Table(
    "message_state",
    metadata,
    Column("message_id", _Id, ForeignKey("message.id"), primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("patient_key", Text, nullable=False),
    Column("patient_keys", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("free_at_s", Double, nullable=False),
    Column("purged_at_s", Double, nullable=False, server_default=text("0")),
    Column("repeats", Integer, nullable=False, server_default=text("0")),
)

# Partial indexes are only used when a query repeats their condition word for word.
UNFINISHED = text("state IN ('waiting', 'claimed')")
HELD = text("free_at_s > 0")
ASIDE = text("state = 'aside'")
BRAKED = "braked"
"""The state, known to the tables alone, of a waiting message whose sender's brake is on."""
HELD_BACK = text("state = 'braked'")

for _name, _columns, _where in (
    ("message_unfinished", ("source", "message_id"), UNFINISHED),
    ("message_held", ("source", "free_at_s"), HELD),
    ("message_aside", ("message_id",), ASIDE),
    ("message_braked", ("source", "message_id"), HELD_BACK),
):
    Index(
        _name,
        *(message_state.c[column] for column in _columns),
        sqlite_where=_where,
        postgresql_where=_where,
    )

# Patients to be looked at again. since_s: the first mark since the last look. free_at_s: nobody may
# look before this time, be it a lease or a pause after a failure. tried_s: the last failure.
patient_change = Table(
    "patient_change",
    metadata,
    Column("patient_id", Text, primary_key=True),
    Column("mark", BigInteger, nullable=False),
    Column("since_s", Double, nullable=False),
    Column("marked_s", Double, nullable=False),
    Column("owner", Text, nullable=False),
    Column("free_at_s", Double, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'waiting'")),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("tried_s", Double, nullable=False, server_default=text("0")),
    Index("patient_change_since", "since_s"),
)

unknown_code = Table(
    "unknown_code",
    metadata,
    Column("sender", Text, primary_key=True),
    Column("code_table", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
    Column("last_s", Double, nullable=False),
)

# Figures of each sender, written with the rows they count. Two tables, because feeds and workers
# write at the same time and neither should wait for the other. dropped: rows that were removed.
# window_no: ten minutes, by number since 1970; in_window: received in them, and in those before.
sender_received = Table(
    "sender_received",
    metadata,
    Column("source", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("received", BigInteger, nullable=False),
    Column("dropped", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("window_no", BigInteger, nullable=False),
    Column("in_window", BigInteger, nullable=False),
    Column("in_window_before", BigInteger, nullable=False),
    Column("first_s", Double, nullable=False),
    Column("last_s", Double, nullable=False),
)

sender_settled = Table(
    "sender_settled",
    metadata,
    Column("source", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("done", BigInteger, nullable=False),
    Column("aside", BigInteger, nullable=False),
    Column("last_s", Double, nullable=False),
    Column("lag_s", Double, nullable=False),
)

# Senders of whom message after message was set aside; those of whom the last one was not have none.
sender_brake = Table(
    "sender_brake",
    metadata,
    Column("source", Text, primary_key=True),
    Column("sender", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("in_a_row", BigInteger, nullable=False),
    Column("on_at_s", Double, nullable=False),
    Column("reason", Text, nullable=False),
    Column("probe_id", BigInteger, nullable=False),
    Column("probe_at_s", Double, nullable=False),
    Column("pause_s", Double, nullable=False),
    Column("let_through", BigInteger, nullable=False),
)

# Work that one process at a time does; bodies and rows_: how many it removed since the start.
chore = Table(
    "chore",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("free_at_s", Double, nullable=False),
    Column("ended_s", Double, nullable=False),
    Column("bodies", BigInteger, nullable=False),
    Column("rows_", BigInteger, nullable=False),
)

# What operators did; message_id is 0 when it was not about one message.
inbox_audit = Table(
    "inbox_audit",
    metadata,
    Column("id", _Id, primary_key=True, autoincrement=True),
    Column("at_s", Double, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("message_id", _Id, nullable=False),
    Index("inbox_audit_message", "message_id"),
    sqlite_autoincrement=True,
)
