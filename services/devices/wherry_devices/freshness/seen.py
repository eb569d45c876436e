"""What was last heard of devices, and who looked at it: the ports."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from wherry_devices.mapping.heard import Day, Heard, Last, Told


@dataclass(frozen=True, slots=True)
class SeenRow:
    """The newest reading of one kind by one device or account while it was a patient's."""

    key: str
    patient: str
    kind: str
    last: Last


@dataclass(frozen=True, slots=True)
class DayRow:
    """In which quarters of one day, counted in UTC from 1970, a device measured a patient."""

    key: str
    patient: str
    kind: str
    number: int
    day: Day


@dataclass(frozen=True, slots=True)
class Waiting:
    """A device or an account that nobody owned when its readings came."""

    key: str
    source: str
    messages: int
    since: datetime
    message_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Steps:
    """How often something took how long: counts by upper end, and the sum in seconds."""

    counts: Mapping[str, int] = field(default_factory=dict)
    sum_s: float = 0.0


class Seen(Protocol):
    """What was last heard. All methods raise Failure(UNAVAILABLE) when nobody can tell."""

    def record(self, heard: Heard) -> None:
        """Add what was heard; the same again, or in another order, changes nothing but steps."""
        ...

    def rows(self, keys: Sequence[str]) -> list[SeenRow]:
        """Rows of these keys, and of every user of the devices that they are, of all patients."""
        ...

    def told(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Told]]:
        """What was told of these devices, accounts and hubs, by key and name."""
        ...

    def days(self, patients: Sequence[str], *, since: int) -> list[DayRow]:
        """The days of these patients from this number on."""
        ...

    def recent(self, sources: Sequence[str], *, since_s: float) -> list[SeenRow]:
        """Rows of these sources of which something came since then, of patients only."""
        ...

    def waiting(self, *, limit: int) -> list[Waiting]:
        """Keys that readings wait for, the longest waiting first."""
        ...

    def steps(self) -> Mapping[tuple[str, str], Steps]:
        """Lags and clock differences by source and name."""
        ...


@dataclass(frozen=True, slots=True)
class Deed:
    """Who did or saw what, about which patient and device; ids only."""

    who: str
    what: str
    patient: str = ""
    key: str = ""
    note: str = ""


class Audit(Protocol):
    """Deeds and reads that are kept."""

    def note(self, deeds: Sequence[Deed]) -> None:
        """Keep them; on return they survive. Raises: Failure(UNAVAILABLE)."""
        ...

    def deeds(self, *, after: int = 0, limit: int = 100) -> list[tuple[int, datetime, Deed]]:
        """Rows above `after`, oldest first."""
        ...
