"""The audit as rows: what persons and systems did beside decisions."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, insert, select

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import label, reading, writing
from wherry_cds.audit import Deed
from wherry_cds.tables import cds_audit

_row = cds_audit.c


class SqlAudit:
    """The `Audit` port on the table cds_audit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, event: str, **ids: str) -> None:
        """Keep one row. Raises: Failure(UNAVAILABLE)."""
        known = {name: ids.pop(name) for name in ("tenant",) if name in ids}
        who = ids.pop("user_id", "") or ids.pop("client", "")
        patient = ids.pop("patient_id", "")
        about = " ".join(f"{name}={value}" for name, value in ids.items() if value)
        with writing(self._engine) as connection:
            note(
                connection,
                event,
                tenant=known.get("tenant", ""),
                who=who,
                patient=patient,
                about=about,
                at=SystemClock().now(),
            )

    def rows(self, tenant: str, *, after: int, limit: int) -> list[Deed]:
        """Rows above this id, oldest first; of all tenants when none is named."""
        wanted = select(cds_audit).where(_row.id > after).order_by(_row.id).limit(limit)
        if tenant:
            wanted = wanted.where(_row.tenant == tenant)
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(wanted)]

    def of_patient(self, tenant: str, patient: str, *, since: datetime, limit: int) -> list[Deed]:
        """Rows about this patient since then, newest first."""
        wanted = (
            select(cds_audit)
            .where(_row.tenant == tenant, _row.patient_id == patient)
            .where(_row.at_s >= since.timestamp())
            .order_by(_row.id.desc())
            .limit(limit)
        )
        with reading(self._engine) as connection:
            return [_read(row) for row in connection.execute(wanted)]


def _read(row: Any) -> Deed:
    return Deed(
        id=row.id,
        at=datetime.fromtimestamp(row.at_s, UTC),
        event=row.event,
        tenant=row.tenant,
        who=row.who,
        patient=row.patient_id,
        about=row.about,
    )


def note(
    connection: Connection,
    event: str,
    *,
    tenant: str,
    who: str,
    at: datetime,
    patient: str = "",
    about: str = "",
) -> None:
    """One row, in the transaction of the deed itself."""
    connection.execute(
        insert(cds_audit).values(
            at_s=at.timestamp(),
            event=label(event)[:64],
            tenant=label(tenant),
            who=label(who),
            patient_id=label(patient)[:64],
            about=label(about),
        )
    )
