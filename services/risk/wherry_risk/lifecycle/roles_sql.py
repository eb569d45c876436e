"""Roles become rows of one table, and each change a row of another, in one commit."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, insert, select

from wherry.adapters.sql import label, reading, upsert, writing
from wherry.errors import Failure, Kind
from wherry_risk.lifecycle.roles import Assignment, Deed, Role, Version
from wherry_risk.tables import risk_role, risk_role_trail

_role = risk_role.c
_trail = risk_role_trail.c
_OF = ("tenant", "asked", "model", "version")


class SqlRoles:
    """The `Roles` port."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def standing(self, tenant: str) -> list[Assignment]:
        """Every role of this tenant."""
        wanted = select(risk_role).where(_role.tenant == tenant).order_by(*risk_role.primary_key)
        with reading(self._engine) as connection:
            return [
                Assignment(
                    tenant=row.tenant,
                    asked=row.asked,
                    version=Version(row.model, row.version),
                    role=Role(row.role),
                    since=datetime.fromtimestamp(row.since_s, UTC),
                    by=row.by_,
                    reason=row.reason,
                )
                for row in connection.execute(wanted)
            ]

    def change(self, deeds: Sequence[Deed]) -> None:
        """Make these changes and write them down in one commit."""
        with writing(self._engine) as connection:
            for deed in deeds:
                _check(connection, deed)
                _put(connection, deed)
                connection.execute(insert(risk_role_trail).values(_row_of(deed)))

    def trail(self, tenant: str) -> list[Deed]:
        """Every change for this tenant, oldest first."""
        wanted = select(risk_role_trail).where(_trail.tenant == tenant).order_by(_trail.id)
        with reading(self._engine) as connection:
            return [_deed(row) for row in connection.execute(wanted)]


def _check(connection: Connection, deed: Deed) -> None:
    """Whoever decided looked at a role that is still the same."""
    same = [_role[name] == value for name, value in _key(deed).items()]
    now = connection.scalar(select(_role.role).where(*same).with_for_update())
    if (now or "") != (deed.before or ""):
        raise Failure(Kind.CONFLICT, "its role has changed meanwhile", at="role")


def _put(connection: Connection, deed: Deed) -> None:
    told = {"role": deed.after.value, "since_s": deed.at.timestamp(), **_why(deed)}
    made = upsert(connection.dialect.name, risk_role).values(**_key(deed), **told)
    connection.execute(made.on_conflict_do_update(index_elements=_OF, set_=told))


def _key(deed: Deed) -> dict[str, str]:
    named = (deed.tenant, deed.asked, deed.version.model, deed.version.version)
    return dict(zip(_OF, named, strict=True))


def _why(deed: Deed) -> dict[str, str]:
    return {"by_": label(deed.by), "reason": label(deed.reason)}


def _row_of(deed: Deed) -> dict[str, Any]:
    return {
        **_key(deed),
        **_why(deed),
        "at_s": deed.at.timestamp(),
        "before": deed.before.value if deed.before else "",
        "after": deed.after.value,
        "despite": label(deed.despite),
        "criteria": msgspec.json.encode(list(deed.criteria)).decode(),
    }


def _deed(row: Any) -> Deed:
    return Deed(
        at=datetime.fromtimestamp(row.at_s, UTC),
        tenant=row.tenant,
        asked=row.asked,
        version=Version(row.model, row.version),
        before=Role(row.before) if row.before else None,
        after=Role(row.after),
        by=row.by_,
        reason=row.reason,
        despite=row.despite,
        criteria=msgspec.json.decode(row.criteria),
    )
