"""What is agreed with one sender beside its messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

from wherry_hl7.identity import NO_SYSTEMS, Systems
from wherry_hl7.mapping.options import OPTIONS
from wherry_hl7.mapping.plan import Plans
from wherry_hl7.mapping.profile import Acknowledge


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender's profile.

    `zone` is where times without an offset were taken; None when nobody said so, and then a time
    of day without an offset is not used (only its date is), because a guess would move results.
    `unidentified` says whether a patient without any identifier is translated, known by the message
    alone; without it such a message fails, for nobody could find what it says. `systems` gives the
    URI of a namespace or coding system of the sender's own, `trust` which patient identifiers come
    first (wherry_hl7.identity.Naming). `options` are those of wherry_hl7.mapping.options,
    `conformance` says by rule what a deviation is; `plans` are the maps with its changes.
    `acknowledge` and `duplicates` are how it is answered, empty where the settings say.
    """

    name: str = "default"
    zone: tzinfo | None = None
    unidentified: bool = False
    systems: Systems = NO_SYSTEMS
    trust: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    conformance: Mapping[str, str] = field(default_factory=dict)
    acknowledge: Acknowledge = field(default_factory=Acknowledge)
    duplicates: str = ""
    plans: Plans | None = None

    def option(self, name: str) -> str:
        """What it chose, else the default."""
        return self.options.get(name) or OPTIONS[name][0]


DEFAULT = Sender()
