"""The suite's own sandbox of vendors' clouds becomes settings of its device service."""

import json

from wherry.suite.addresses import Addresses
from wherry.suite.place import Place

NAME = "vendors"
SOURCES = ("withings", "dexcom", "omron", "google-health", "ihealth")
# the sandbox knows one client, and everybody may know it
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret-made-up"
_MORE = {
    "ihealth": {
        "sc": "sandbox-sc",
        **dict.fromkeys(("sv_bp", "sv_weight", "sv_spo2", "sv_glucose"), "sandbox-sv"),
    }
}
_UNSIGNED = ("withings", "omron")
_EVERY_S = 10


def registrations(at: Addresses, place: Place) -> str:
    """WHERRY_DEVICES_VENDORS: all clouds of the sandbox, asked often because a demo waits."""
    notices = {"withings": hook(at, place, "withings")}
    client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "interval_s": _EVERY_S}
    return json.dumps(
        {
            source: {
                **client,
                "base_url": f"{at.url(NAME)}/{source}",
                "more": _MORE.get(source, {}),
                "notify_url": notices.get(source, ""),
            }
            for source in SOURCES
        }
    )


def doors(place: Place) -> str:
    """WHERRY_DEVICES_DOORS: the paths by which vendors that do not sign come in."""
    return json.dumps({source: {"secrets": [place.door_secret()]} for source in _UNSIGNED})


def signatures(at: Addresses, place: Place) -> str:
    """WHERRY_DEVICES_SIGNATURES: the sandbox's Google signs with keys that it publishes itself."""
    keys = f"{at.url(NAME)}/google-health/keyset.json"
    return json.dumps(
        {"google-health": {"keyset_url": keys, "authorization": [authorization(place)]}}
    )


def authorization(place: Place) -> str:
    """What the sandbox's Google is told to say in Authorization."""
    return f"Bearer {place.door_secret()}"


def hook(at: Addresses, place: Place, source: str) -> str:
    """The address that a vendor which does not sign is given for its notices."""
    return f"{at.url('devices')}/v1/sources/{source}/{place.door_secret()}"
