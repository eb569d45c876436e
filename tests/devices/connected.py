"""The ports of connections on each kind of store, and a consent to keep."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, update

from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import writing
from wherry_devices.accounts.connection_tables import (
    device_connection,
    device_consent,
    device_vendor,
)
from wherry_devices.accounts.connections import (
    Connections,
    Consented,
    Consents,
    Ended,
    Fetches,
    FetchFigures,
    Lent,
    Tokens,
)
from wherry_devices.accounts.connections_sql import SqlConnections
from wherry_devices.accounts.consents_sql import SqlConsents, SqlFetchFigures
from wherry_devices.accounts.fetches_sql import SqlFetches
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.reading import DeviceKey
from wherry_devices.owning.bindings import Bindings
from wherry_devices.owning.bindings_sql import SqlBindings

SEALER = Sealer((b"k" * 32,))
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
LATER = datetime(2100, 1, 1, tzinfo=UTC)
OK = Ended(None, again_s=900.0)


@dataclass
class Parts:
    """The ports of one kind, and how its time passes."""

    connections: Connections
    fetches: Fetches
    consents: Consents
    figures: FetchFigures
    bindings: Bindings
    wait: Callable[[float], None]
    engine: Engine | None = None

    def claim(self, **more: Any) -> Lent | None:
        return self.fetches.claim(["withings"], owner="f1", lease_s=60, **more)

    def lent(self, **more: Any) -> Lent:
        found = self.claim(**more)
        assert found is not None
        return found


def sql_parts(engine: Engine) -> Parts:
    """The ports on a database whose rows grow older instead of the database's clock going on."""

    def wait(seconds: float) -> None:
        own, vendor, asked = device_connection.c, device_vendor.c, device_consent.c
        with writing(engine) as database:
            older = ("next_s", "free_s", "claimed_s", "nudged_s")
            shifted = {name: own[name] - seconds for name in older}
            database.execute(update(device_connection).values(shifted))
            fetched = update(device_connection).where(own.fetched_s > 0)
            database.execute(fetched.values(fetched_s=own.fetched_s - seconds))
            database.execute(update(device_vendor).values(free_s=vendor.free_s - seconds))
            database.execute(update(device_consent).values(expires_s=asked.expires_s - seconds))

    return Parts(
        SqlConnections(engine, SEALER),
        SqlFetches(engine, SEALER),
        SqlConsents(engine, SEALER),
        SqlFetchFigures(engine),
        SqlBindings(engine),
        wait,
        engine,
    )


def consented(
    account: str = "4711", patient: str = "p1", cursor: str = "100", by: str = "nurse 7"
) -> Consented:
    key = DeviceKey("withings", "account", account).opaque
    return Consented(
        "withings",
        patient,
        by,
        Tokens(account, f"access-{account}", f"refresh-{account}", LATER),
        "user.metrics",
        cursor,
        Binding(key, "withings", patient, SINCE, None, by),
    )
