"""The bytes of one payload become an arrival to keep, with the keys that hold its order."""

from wherry.errors import Failure
from wherry.ports import Arrival
from wherry_devices.connectors import decoded
from wherry_devices.mapping.read import keys
from wherry_devices.mapping.template import Compiled

SOURCE = "devices"
NOT_JSON = "not_json"
SIGNED, TRUSTED, HINT = "signed", "trusted", "hint"
"""How a sender proved itself. What comes as a hint may say that there is something to fetch."""


def arrival(body: bytes, compiled: Compiled, *, channel: str) -> Arrival:
    """What to keep of a payload. All of it is kept; what is no JSON is kept for a person.

    `channel` says how the sender proved itself.
    """
    template = compiled.template
    try:
        found, aside = keys(decoded(template.id, body), compiled), ""
    except Failure:
        found, aside = (), NOT_JSON
    return Arrival(
        SOURCE,
        body,
        channel,
        sender=template.id,
        kind=f"{template.id}@{template.version}",
        keys=found,
        aside=aside,
    )
