"""What is agreed with one sender beside its messages."""

from dataclasses import dataclass
from datetime import tzinfo

from wherry_hl7.identity import NO_SYSTEMS, Systems
from wherry_hl7.mapping.plan import Plans


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender's profile.

    `zone` is where times without an offset were taken; None when nobody said so, and then a time
    of day without an offset is not used (only its date is), because a guess would move results.
    `unidentified` says whether a patient without any identifier is translated, known by the message
    alone; without it such a message fails, for nobody could find what it says. `systems` gives the
    URI of a namespace or coding system of the sender's own, `trust` which patient identifiers come
    first (wherry_hl7.identity.Naming); `plans` are the maps with its changes.
    """

    name: str = "default"
    zone: tzinfo | None = None
    unidentified: bool = False
    systems: Systems = NO_SYSTEMS
    trust: tuple[str, ...] = ()
    plans: Plans | None = None


DEFAULT = Sender()
