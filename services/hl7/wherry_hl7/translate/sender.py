"""What is agreed with one sender beside its messages."""

from dataclasses import dataclass
from datetime import tzinfo


@dataclass(frozen=True, slots=True)
class Sender:
    """A sender's profile.

    `zone` is where times without an offset were taken; None when nobody said so, and then a time
    of day without an offset is not used (only its date is), because a guess would move results.
    `unidentified` says whether a patient without any identifier is translated, known by the message
    alone; without it such a message fails, for nobody could find what it says.
    """

    name: str = "default"
    zone: tzinfo | None = None
    unidentified: bool = False


DEFAULT = Sender()
