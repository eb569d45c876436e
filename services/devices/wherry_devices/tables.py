"""The device tables beside the inbox: bindings, messages that wait for one, counts of readings."""

from sqlalchemy import BigInteger, Column, Double, Index, Integer, MetaData, Table, Text, text

_Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData()

# Times are seconds since 1970. valid_to_s is null while the device stays with the patient.
# revision grows with every change of any row, so that a worker can say what it has seen.
# unit_key: the device without its user, where that is known. expected_every_s: how often somebody
# expects a reading; null: as often as of its kind. zone: where the patient lives; empty: here.
device_binding = Table(
    "device_binding",
    metadata,
    Column("device_key", Text, primary_key=True),
    Column("valid_from_s", Double, primary_key=True),
    Column("valid_to_s", Double),
    Column("source", Text, nullable=False),
    Column("patient_id", Text, nullable=False),
    Column("verified_by", Text, nullable=False),
    Column("recorded_s", Double, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("unit_key", Text, nullable=False, server_default=text("''")),
    Column("expected_every_s", BigInteger),
    Column("zone", Text, nullable=False, server_default=text("''")),
    Index("device_binding_patient", "patient_id"),
)

# Messages set aside because nobody owned a device; seen: the newest revision when that was found.
device_waiting = Table(
    "device_waiting",
    metadata,
    Column("message_id", _Id, primary_key=True, autoincrement=False),
    Column("device_key", Text, primary_key=True),
    Column("seen", BigInteger, nullable=False),
    Index("device_waiting_key", "device_key"),
)

# What became of all readings so far, by source and outcome; no patient, no value.
device_tally = Table(
    "device_tally",
    metadata,
    Column("source", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("count", BigInteger, nullable=False),
)
