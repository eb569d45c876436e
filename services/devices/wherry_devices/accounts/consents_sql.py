"""Consents that were asked for, and figures of fetches, as rows on SQLite or PostgreSQL."""

from sqlalchemy import Engine, delete, func, insert, select

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import database_now, label, reading, writing
from wherry_devices.accounts.connection_tables import (
    device_connection,
    device_consent,
    device_fetch,
    device_vendor,
)
from wherry_devices.accounts.connections import Access, Asked, Figures

_row = device_consent.c
_own = device_connection.c


class SqlConsents:
    """The `Consents` port on one table."""

    def __init__(self, engine: Engine, sealer: Sealer) -> None:
        self._engine = engine
        self._sealer = sealer

    def begin(self, digest: str, asked: Asked, *, life_s: float) -> None:
        """Remember it for so many seconds; those that are too old go."""
        values = {
            "digest": digest,
            "source": label(asked.source),
            "patient_id": label(asked.patient),
            "verified_by": label(asked.verified_by),
            "sealed": self._sealer.group()(asked.verifier.encode(), f"consent {digest}"),
            "key_id": self._sealer.key_id,
        }
        with writing(self._engine) as database:
            database.execute(delete(device_consent).where(_row.expires_s < database_now()))
            until = {"expires_s": database_now() + life_s}
            database.execute(insert(device_consent).values({**values, **until}))

    def take(self, digest: str) -> Asked | None:
        """What was asked under this state, once: whoever deletes the row has it."""
        taken = delete(device_consent).where(_row.digest == digest)
        in_time = (_row.expires_s >= database_now()).label("in_time")
        with writing(self._engine) as database:
            row = database.execute(taken.returning(*_row, in_time)).one_or_none()
        if row is None or not row.in_time:
            return None
        verifier = self._sealer.open(row.key_id, row.sealed, f"consent {digest}").decode()
        return Asked(row.source, row.patient_id, row.verified_by, verifier)


class SqlFetchFigures:
    """The `FetchFigures` port."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def figures(self) -> Figures:
        """Counts as they are now; vendors are those of whom there is a connection."""
        is_active = _own.state == Access.ACTIVE.value
        by_access = select(_own.source, _own.state, func.count()).group_by(_own.source, _own.state)
        late = database_now() - func.min(_own.next_s)
        overdue = select(_own.source, late).where(is_active).group_by(_own.source)
        fetches = select(device_fetch.c.source, device_fetch.c.outcome, device_fetch.c["count"])
        away = select(device_vendor.c.source).where(device_vendor.c.away_since_s > 0)
        with reading(self._engine) as database:
            connections = {(row[0], row[1]): row[2] for row in database.execute(by_access)}
            gone = set(database.scalars(away))
            return Figures(
                connections=connections,
                fetches={(row[0], row[1]): row[2] for row in database.execute(fetches)},
                overdue_s={row[0]: max(0.0, row[1]) for row in database.execute(overdue)},
                away={source: source in gone for source, _ in connections},
            )
