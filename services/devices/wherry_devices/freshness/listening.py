"""What a worker hears in a claim is noted, and written down before the claim is settled."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from wherry_devices.freshness.seen import Seen
from wherry_devices.mapping.binding import Assigned
from wherry_devices.mapping.heard import Heard
from wherry_devices.mapping.item import AMBIGUOUS_OWNER, FUTURE_TIME
from wherry_devices.mapping.reading import Batch
from wherry_devices.mapping.telemetry import DRIFT, Word

DOUBTS = frozenset({AMBIGUOUS_OWNER, FUTURE_TIME})
"""Reasons to withhold a reading that say something of its device."""


class Listening:
    """What was heard since it was written down last."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self.heard = Heard()

    def write(self) -> None:
        """Write it down and begin anew. Raises: Failure(UNAVAILABLE); then nothing is forgotten."""
        if self.heard:
            self._seen.record(self.heard)
            self.heard.clear()


def note_words(heard: Heard, source: str, words: Iterable[Word]) -> None:
    """Note what devices and hubs tell of themselves."""
    for word in words:
        heard.tell(word.key, word.name, word.at, word.value)
        if word.name == DRIFT:
            heard.step(source, "clock", abs(float(Decimal(word.value))))


def note_batch(heard: Heard, batch: Batch, found: Assigned, received_at: datetime) -> None:
    """Note the readings of a payload under their patients, and what was withheld with doubts.

    Readings of a device that belongs to nobody, or to two, are noted under no patient.
    """
    placed = set[int]()
    for patient, readings in found.patients.items():
        heard.readings(readings, patient, received_at)
        placed.update(map(id, readings))
    heard.readings((one for one in batch.readings if id(one) not in placed), "", received_at)
    for withheld in batch.withheld:
        if withheld.reason in DOUBTS:
            for key in withheld.keys:
                heard.tell(key, withheld.reason, received_at)
