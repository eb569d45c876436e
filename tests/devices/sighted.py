"""Made-up readings as the ledger of paths knows them."""

from typing import Any

from wherry_devices.mapping.paths import RANKS, Sighting


def sighting(source: str, at: float = 0, value: str = "v", **more: Any) -> Sighting:
    """A reading of patient p1, named after where and when it is from; synthetic."""
    paths = {"withings": "direct", "ble-hub": "direct", "terra": "aggregator"}
    told: dict[str, Any] = {
        "name": (source, f"{source}-{at}"),
        "patient": "p1",
        "family": "bp",
        "owner": f"owner-{source}",
        "maker": "",
        "rank": RANKS[paths.get(source, "relay")],
        "instant_s": 1_772_352_000 + at,
        "said_s": 1_772_352_100,
        "value_hash": value,
    }
    return Sighting(**(told | more))
