"""Which stored readings are one measurement that came by several paths: the port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wherry_devices.mapping.paths import Name, Sighting, Stand
from wherry_devices.mapping.withdrawals import Withdrawal


@dataclass(frozen=True, slots=True)
class Check:
    """A stored reading that may not say how it stands.

    `last` is set when it was looked at before, so long ago that no old mark is on the way any more.
    """

    name: Name
    patient: str
    stand: Stand
    last: bool = False
    family: str = ""


class Paths(Protocol):
    """A ledger of stored readings, with keyed hashes for their numbers."""

    @property
    def secret(self) -> bytes:
        """What keys the hashes."""
        ...

    def note(self, sightings: Sequence[Sighting]) -> Mapping[Name, Stand]:
        """Note these readings, and say how those stand that are duplicates or were taken back.

        What an older version says is not noted. Readings noted before that begin or cease to be
        duplicates by this are to be checked. May be called any number of times.
        """
        ...

    def withdraw(self, withdrawals: Sequence[Withdrawal]) -> None:
        """Note that readings were taken back, those that are still to come among them."""
        ...

    def to_check(self, *, limit: int = 100) -> list[Check]:
        """Readings to be checked now."""
        ...

    def checked(self, checks: Sequence[Check]) -> None:
        """These say how they stand now: to be checked once more, or with `last` never again."""
        ...
