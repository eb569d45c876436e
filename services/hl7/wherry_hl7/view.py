"""A kept HL7 message becomes FHIR for a person to look at; nothing is stored."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from wherry.ports import Kept
from wherry_hl7.convert import converted
from wherry_hl7.senders import Senders, load
from wherry_hl7.settings import Settings
from wherry_hl7.translate import Sender
from wherry_hl7.zones import zone


def view(kept: Kept) -> Mapping[str, Any]:
    """`bundle` or `outcome`, `warnings` and `unmapped`, under the profiles of the settings."""
    return seen(kept, _senders())


def seen(kept: Kept, senders: Senders) -> Mapping[str, Any]:
    """The same under these profiles."""
    return converted(
        kept.body,
        senders=senders,
        received_at=kept.received_at,
        charset=kept.charset,
        channel=kept.channel,
    )


@lru_cache(maxsize=1)
def _senders() -> Senders:
    settings = Settings()
    return load(settings.senders, default=Sender(zone=zone(settings.zone)))
