"""Snoozes as rows: put, ended, and asked whether they hold."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from wherry.adapters.sql import label
from wherry_cds.board.port import About, Snoozed
from wherry_cds.policy.decide import Quiet
from wherry_cds.policy.levels import Level
from wherry_cds.tables import cds_snooze

_row = cds_snooze.c


def put(connection: Connection, wish: Snoozed) -> None:
    """Keep it."""
    connection.execute(
        insert(cds_snooze).values(
            id=wish.id,
            tenant=label(wish.tenant),
            patient_id=wish.patient,
            service=wish.service,
            user_id=label(wish.user),
            role=label(wish.role)[:64],
            level=int(wish.level),
            reason=label(wish.reason),
            card_id=wish.card,
            by=label(wish.by),
            from_s=wish.since.timestamp(),
            until_s=wish.until.timestamp(),
        )
    )


def end(connection: Connection, tenant: str, id_: str, *, by: str, at: datetime) -> bool:
    """End one that holds; whether there was one."""
    now_s = at.timestamp()
    holds = (_row.tenant == tenant, _row.id == id_, _row.ended_s.is_(None), _row.until_s > now_s)
    done = connection.execute(
        update(cds_snooze).where(*holds).values(ended_s=now_s, ended_by=label(by))
    )
    return done.rowcount == 1


# Built once: it is asked with every decision
_HOLDING = (
    select(_row.until_s, _row.user_id, _row.level, _row.role)
    .where(_row.tenant == bindparam("of_tenant"), _row.patient_id == bindparam("of_patient"))
    .where(_row.service.in_(bindparam("of_services", expanding=True)))
    .where(_row.until_s > bindparam("now_s"), _row.ended_s.is_(None))
)


def holding(connection: Connection, about: About, now: datetime) -> list[Quiet]:
    """Those that hold now for this patient and service, or for one whose card holds its own."""
    asked = {
        "of_tenant": about.tenant,
        "of_patient": about.patient,
        "of_services": list(about.covering or (about.service,)),
        "now_s": now.timestamp(),
    }
    return [
        Quiet(datetime.fromtimestamp(row.until_s, UTC), row.user_id, Level(row.level), row.role)
        for row in connection.execute(_HOLDING, asked)
    ]


def of_patient(
    connection: Connection, tenant: str, patient: str, *, since: datetime, limit: int
) -> list[Snoozed]:
    """Those of one patient that still hold, or began since then; newest first."""
    since_s = since.timestamp()
    wanted = (
        select(cds_snooze)
        .where(_row.tenant == tenant, _row.patient_id == patient)
        .where(or_(_row.from_s >= since_s, _row.until_s >= since_s))
        .order_by(_row.from_s.desc())
        .limit(limit)
    )
    return [_read(row) for row in connection.execute(wanted)]


def _read(row: Any) -> Snoozed:
    return Snoozed(
        id=row.id,
        tenant=row.tenant,
        patient=row.patient_id,
        service=row.service,
        user=row.user_id,
        role=row.role,
        level=Level(row.level),
        reason=row.reason,
        card=row.card_id,
        by=row.by,
        since=datetime.fromtimestamp(row.from_s, UTC),
        until=datetime.fromtimestamp(row.until_s, UTC),
        ended=None if row.ended_s is None else datetime.fromtimestamp(row.ended_s, UTC),
        ended_by=row.ended_by or "",
    )
