"""The settings become the profiles of senders, and of the channels that are bound to one."""

from dataclasses import replace

from wherry.errors import Failure, Kind
from wherry_hl7.listeners import listeners
from wherry_hl7.senders import Senders, load
from wherry_hl7.settings import Settings
from wherry_hl7.translate.sender import Sender
from wherry_hl7.zones import zone


def profiles(settings: Settings) -> Senders:
    """What feed, HTTP service and worker go by. Raises: Failure(INVALID)."""
    senders = load(settings.senders, default=Sender(zone=zone(settings.zone)))
    bound = {}
    for one in listeners(settings):
        if one.sender:
            try:
                bound[one.channel] = senders.named(one.sender)
            except Failure as failure:
                raise Failure(Kind.INVALID, failure.detail, at=one.channel) from None
    return replace(senders, bound=bound)
