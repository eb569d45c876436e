"""Who read or removed score records becomes audit rows, and audit rows deeds."""

from datetime import UTC, datetime

from sqlalchemy import Engine, insert, select

from wherry.adapters.sql import database_now, label, reading, writing
from wherry_risk.records import DEFAULT_TENANT, ScoreDeed, What
from wherry_risk.records_sql import PatientKeys
from wherry_risk.tables import score_audit

_row = score_audit.c


class SqlScoreAudit:
    """The `ScoreAudit` port."""

    def __init__(self, engine: Engine, patients: PatientKeys | None = None) -> None:
        self._engine = engine
        self._patients = patients or PatientKeys()

    def note(
        self, who: str, what: What, *, record_id: str = "", patient_id: str = "", note: str = ""
    ) -> None:
        """Write the row; on return it survives."""
        key = self._patients.of(DEFAULT_TENANT, patient_id) if patient_id else ""
        told = {"who": label(who), "what": what, "record_id": label(record_id)}
        with writing(self._engine) as connection:
            row = {**told, "patient_key": key, "note": label(note), "at_s": database_now()}
            connection.execute(insert(score_audit).values(row))

    def deeds(self, *, after: int = 0, limit: int = 100) -> list[ScoreDeed]:
        """Rows above `after`, oldest first."""
        wanted = select(score_audit).where(_row.id > after).order_by(_row.id).limit(limit)
        with reading(self._engine) as connection:
            return [
                ScoreDeed(
                    id=row.id,
                    at=datetime.fromtimestamp(row.at_s, UTC),
                    who=row.who,
                    what=row.what,
                    record_id=row.record_id,
                    patient_key=row.patient_key,
                    note=row.note,
                )
                for row in connection.execute(wanted)
            ]
