"""The moment by which a call must be answered."""

from collections.abc import Callable
from dataclasses import dataclass

from wherry.errors import Failure, Kind


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on a monotonic clock; every step of a call gets what is left of it."""

    ends: float
    ticks: Callable[[], float]

    def left_s(self) -> float:
        """Seconds that are left. Raises: Failure(UNAVAILABLE) when there are none."""
        left = self.ends - self.ticks()
        if left <= 0:
            raise Failure(Kind.UNAVAILABLE, "the deadline passed before there was an answer")
        return left

    def no_later_than(self, within_s: float) -> "Deadline":
        """The same, or the moment after this many seconds if that is earlier."""
        return Deadline(min(self.ends, self.ticks() + within_s), self.ticks)
