"""Settings become the real Clouds."""

import secrets

from sqlalchemy import Engine

from wherry.adapters.sealing import CLEAR, Sealer
from wherry.errors import Failure, Kind
from wherry_devices.accounts.cloud_http import HttpCloud
from wherry_devices.accounts.clouds import Clouds
from wherry_devices.accounts.connections_sql import SqlConnections
from wherry_devices.accounts.consents_sql import SqlConsents, SqlFetchFigures
from wherry_devices.accounts.fetches_sql import SqlFetches
from wherry_devices.accounts.registration import Registration, registered
from wherry_devices.settings import Registered, Settings
from wherry_devices.vendors import VENDORS
from wherry_devices.vendors.protocol import Client

_SECRET_BYTES = 48
_AT = "WHERRY_DEVICES_VENDORS"


def wire_clouds(settings: Settings, engine: Engine, sealer: Sealer) -> Clouds:
    """The clouds of the settings. Raises: Failure(INVALID) when one cannot be used as it is set."""
    registrations = {name: registration(name, one) for name, one in settings.vendors.items()}
    if sealer.key_id == CLEAR and any(one.is_real for one in registrations.values()):
        raise Failure(
            Kind.INVALID, "a vendor's tokens are only kept encrypted: set WHERRY_INBOX_KEY", at=_AT
        )
    return Clouds(
        registrations=registrations,
        cloud=HttpCloud(),
        connections=SqlConnections(engine, sealer),
        fetches=SqlFetches(engine, sealer),
        consents=SqlConsents(engine, sealer),
        figures=SqlFetchFigures(engine),
        public_url=settings.public_url,
        secret=lambda: secrets.token_urlsafe(_SECRET_BYTES),
    )


def registration(name: str, said: Registered) -> Registration:
    """One vendor as it is set. Raises: Failure(INVALID) for one that we do not know."""
    vendor = VENDORS.get(name)
    if vendor is None:
        known = ", ".join(sorted(VENDORS))
        raise Failure(Kind.INVALID, f"we can fetch from these vendors: {known}", at=_AT)
    more = {name: one.get_secret_value() for name, one in said.more.items()}
    return registered(
        vendor,
        Client(said.client_id, said.client_secret.get_secret_value(), more),
        base_url=said.base_url,
        auth_url=said.auth_url,
        interval_s=said.interval_s,
        backfill_days=said.backfill_days,
        notify_url=said.notify_url.get_secret_value(),
    )
