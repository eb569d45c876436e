"""Kill switches as rows: thrown and put back by a named person, each with its audit row."""

from datetime import datetime

from sqlalchemy import Connection, Engine, bindparam, delete, or_, select

from wherry.adapters.sql import label, reading, upsert, writing
from wherry_cds.board import audit_sql
from wherry_cds.tables import cds_switch

_row = cds_switch.c


# Built once: it is asked with every call
_IS_OFF = (
    select(_row.service)
    .where(or_(_row.tenant == bindparam("of_tenant"), _row.tenant == ""))
    .where(or_(_row.service == bindparam("of_service"), _row.service == ""))
    .limit(1)
)


def is_off(connection: Connection, tenant: str, service: str) -> bool:
    """Whether a row holds for this service: its own, the tenant's, or one for all tenants."""
    asked = {"of_tenant": tenant, "of_service": service}
    return connection.execute(_IS_OFF, asked).first() is not None


def throw(
    engine: Engine, tenant: str, service: str, *, who: str, reason: str, at: datetime
) -> None:
    """Switch off; empty names mean all."""
    with writing(engine) as connection:
        values = {
            "tenant": tenant,
            "service": service,
            "at_s": at.timestamp(),
            "who": label(who),
            "reason": label(reason),
        }
        kept = upsert(connection.dialect.name, cds_switch).values(values).on_conflict_do_nothing()
        connection.execute(kept)
        about = f"{service or 'all services'}: {reason}"
        audit_sql.note(connection, "switched-off", tenant=tenant, who=who, about=about, at=at)


def put_back(engine: Engine, tenant: str, service: str, *, who: str, at: datetime) -> bool:
    """Switch on again; False when it was not off."""
    with writing(engine) as connection:
        gone = connection.execute(
            delete(cds_switch).where(_row.tenant == tenant, _row.service == service)
        )
        if gone.rowcount:
            about = service or "all services"
            audit_sql.note(connection, "switched-on", tenant=tenant, who=who, about=about, at=at)
        return bool(gone.rowcount)


def thrown(engine: Engine) -> list[tuple[str, str, str, str]]:
    """Tenant, service, who and why of all that are off."""
    with reading(engine) as connection:
        wanted = select(_row.tenant, _row.service, _row.who, _row.reason)
        return [tuple(row) for row in connection.execute(wanted)]
