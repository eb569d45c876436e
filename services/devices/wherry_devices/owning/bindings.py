"""Who owns which device when, and which messages wait to hear of it: the ports of this service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wherry_devices.freshness.seen import Deed
from wherry_devices.mapping.binding import Binding


@dataclass(frozen=True, slots=True)
class Look:
    """All bindings of some keys at one moment; `revision` is the newest change of any binding.

    `waited`: the message that is looked up for is noted as waiting for a binding.
    """

    revision: int
    bindings: Mapping[str, Sequence[Binding]] = field(default_factory=dict)
    waited: bool = False


class Bindings(Protocol):
    """Bindings with dates, and the messages that wait for one."""

    def look(self, keys: Sequence[str], message_id: int) -> Look:
        """The bindings of these keys, and whether this message waits."""
        ...

    def put(self, binding: Binding, deeds: Sequence[Deed] = ()) -> None:
        """Add a binding, or change the end of the one with the same key, start and patient.

        What is expected of it and the zone change as well. The deeds are kept with it or not at
        all.

        Raises: Failure(CONFLICT) when the device belongs to another patient in part of that time.
        """
        ...

    def search(self, *, key: str = "", patient: str = "", limit: int = 1000) -> list[Binding]:
        """Bindings by key and patient, in the order of keys and times."""
        ...

    def holding(
        self, at: datetime, *, key: str = "", patient: str = "", after: str = "", limit: int = 1000
    ) -> list[Binding]:
        """Bindings that hold at this instant, by key and patient, of keys above `after` in order.

        A key has one at most.
        """
        ...

    def wait(self, message_id: int, keys: Sequence[str], *, seen: int) -> None:
        """Note that a message waits for these keys, and for no others; `seen` is a revision."""
        ...

    def released(self) -> list[int]:
        """Messages one of whose keys got a binding after they began to wait for it."""
        ...


class Tally(Protocol):
    """How many readings ended how, over all workers."""

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Add to the counts of (source, outcome)."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """All counts."""
        ...
