"""Which stored readings are one measurement that came by several paths: the port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from wherry_devices.mapping.paths import Name, Sighting


@dataclass(frozen=True, slots=True)
class Check:
    """A stored reading whose mark may be wrong: what it is a duplicate of, or None.

    `last` is set when it was looked at before, so long ago that no old mark is on the way any more.
    """

    name: Name
    patient: str
    preferred: Name | None
    last: bool = False


class Paths(Protocol):
    """A ledger of stored readings, with keyed hashes for their numbers."""

    @property
    def secret(self) -> bytes:
        """What keys the hashes."""
        ...

    def note(self, sightings: Sequence[Sighting]) -> Mapping[Name, Name]:
        """Note these readings, and say which of them are duplicates of what.

        What an older version says is not noted. Readings noted before that begin or cease to be
        duplicates by this are to be checked. May be called any number of times.
        """
        ...

    def to_check(self, *, limit: int = 100) -> list[Check]:
        """Readings whose mark is to be checked now."""
        ...

    def checked(self, checks: Sequence[Check]) -> None:
        """These bear the right mark now: to be checked once more, or with `last` never again."""
        ...
