"""Old rows of score_record are removed for good, and rows of an older key are sealed anew."""

from datetime import datetime

from sqlalchemy import Connection, Engine, delete, select, update

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import writing
from wherry_risk.records_sql import PatientKeys, ending_of, identity, unsealed
from wherry_risk.tables import score_record

AT_ONCE = 200
"""Records in one transaction: short enough that no request waits for it."""

_row = score_record.c


class SqlRecordKeeper:
    """The `RecordKeeper` port."""

    def __init__(self, engine: Engine, sealer: Sealer, patients: PatientKeys) -> None:
        self._engine = engine
        self._sealer = sealer
        self._patients = patients

    def drop(self, before: datetime) -> int:
        """Remove some records made before then; in a SQLite file nothing readable is left."""
        old = select(_row.n).where(_row.made_s < before.timestamp()).order_by(_row.made_s)
        with writing(self._engine, durable=False) as connection:
            _overwrite(connection)
            page = list(connection.scalars(old.limit(AT_ONCE)))
            connection.execute(delete(score_record).where(_row.n.in_(page)))
        return len(page)

    def reseal(self) -> int:
        """Seal some records of another key with the first, or clear when there is none.

        Raises: Failure of `Sealer.open`: then none of the page was changed.
        """
        other = select(score_record).where(_row.key_id != self._sealer.key_id)
        seal = self._sealer.group()
        with writing(self._engine) as connection:
            _overwrite(connection)
            rows = connection.execute(other.order_by(_row.n).limit(AT_ONCE)).all()
            for row in rows:
                parts = {part: unsealed(self._sealer, row, part) for part in ("head", "body")}
                patient_id = ending_of(parts["head"]).patient
                values = {
                    "key_id": self._sealer.key_id,
                    "patient_key": self._patients.of(row.tenant, patient_id),
                    **{part: seal(data, identity(row.id, part)) for part, data in parts.items()},
                }
                connection.execute(update(score_record).where(_row.n == row.n).values(values))
        return len(rows)


def _overwrite(connection: Connection) -> None:
    """What goes leaves nothing readable in free pages of a SQLite file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
