"""The suite's addresses become what the device service has to know of the sandbox of clouds."""

import json
from collections.abc import Mapping

from wherry.suite.addresses import Addresses

# Known to the sandbox and to whoever reads this: they open nothing else
_CLIENT = {"client_id": "sandbox-client", "client_secret": "sandbox-secret-made-up"}
SOURCES = ("withings", "dexcom")
INTERVAL_S = 10
"""How often a made-up account is looked at; a real one may be asked far less often."""


def settings(at: Addresses) -> Mapping[str, str]:
    """Environment of the processes of the device service."""
    known = {
        source: {**_CLIENT, "base_url": f"{at.url('vendors')}/{source}", "interval_s": INTERVAL_S}
        for source in SOURCES
    }
    return {"WHERRY_DEVICES_VENDORS": json.dumps(known)}
