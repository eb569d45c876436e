"""A connection of the house to fetch, and what came of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.devices.harness import NOW, House, group, measure

from wherry.errors import Failure, Kind
from wherry_devices.accounts.connections import Connection, Consented, Lent, Tokens
from wherry_devices.fetcher import fetch_due
from wherry_devices.mapping.binding import Binding
from wherry_devices.mapping.reading import DeviceKey

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
AWAY = Failure(Kind.UNAVAILABLE, "the vendor did not answer")


def connected(house: House, *, account: str = "acc-4711", expired: bool = True) -> Connection:
    """A connection whose access token is over, as after a night, or still good."""
    vendor = house.withings
    if not expired:
        vendor.access = "made-up-access-0"
    expires_at = NOW + timedelta(hours=-1 if expired else 3)
    key = DeviceKey("withings", "account", account).opaque
    return house.connections.connect(
        Consented(
            "withings",
            "p1",
            "nurse 7",
            Tokens(account, "made-up-access-0", "made-up-refresh-0", expires_at),
            "user.metrics",
            "0",
            Binding(key, "withings", "p1", SINCE, None, "nurse 7"),
        )
    )


def reading(number: int, **more: Any) -> dict[str, Any]:
    return {**group(number, measure(11, 60 + number)), "modified": 9000 + number, **more}


def work(house: House) -> int:
    return fetch_due(house.deps(), owner="f1", stopping=lambda: False)


def lent(house: House) -> Lent:
    found = house.connections.claim(["withings"], owner="f1", lease_s=60)
    assert found is not None
    return found


def pulses(house: House) -> list[str]:
    return [
        str(one["valueQuantity"]["value"])
        for one in house.fhir.all("Observation")
        if one["code"]["coding"][0]["code"] == "8867-4"
    ]
