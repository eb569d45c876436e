"""Which derived values are to be made again: what the drain notes and the worker works off."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

PATIENCE = 10
"""What is noted again and again is worked on after this many quiet times all the same."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A patient's derived value and the day, on their own calendar, of a reading that changed."""

    patient: str
    what: str
    day: date


@dataclass(frozen=True, slots=True)
class Lent:
    """A note that one worker has until its lease ends; `token` is the fence.

    `attempts` are those that failed, one after the other.
    """

    touched: Touched
    mark: int
    token: str
    attempts: int = 0


class Days(Protocol):
    """Notes of what is to be derived again; many notes of one day are one piece of work."""

    def note(self, touched: Iterable[Touched]) -> None:
        """Note that these changed. Survives a crash. Raises: Failure(UNAVAILABLE)."""
        ...

    def counts(self) -> Mapping[str, int]:
        """How many notes are `waiting`, and of how many the last attempt failed: `failing`."""
        ...

    def due(self, *, owner: str, limit: int, quiet_s: float, lease_s: float) -> list[Lent]:
        """Lend notes that had no new one for `quiet_s`, the oldest first.

        One that never goes quiet is lent after `PATIENCE * quiet_s`. While somebody has notes of a
        patient's value, nobody is lent others of the same.
        """
        ...

    def ready(self, *, quiet_s: float) -> bool:
        """Whether `due` would lend anything."""
        ...

    def held(self, lent: Sequence[Lent], *, lease_s: float) -> bool:
        """Whether all are still ours; renews the lease."""
        ...

    def settle(self, lent: Sequence[Lent]) -> None:
        """Forget what was worked off and not noted anew meanwhile; free the others.

        What somebody else took over meanwhile is noted again: they may have read before we wrote.
        """
        ...

    def put_off(self, lent: Sequence[Lent], *, pause_s: float, reason: str = "") -> None:
        """Lend them again after a pause; with a `reason`, which names nobody, one more failed."""
        ...
