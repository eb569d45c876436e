"""Counts of unknown codes in memory."""

from collections.abc import Mapping


class FakeTally:
    """The `Tally` port."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], int] = {}

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count more."""
        for key, times in counts.items():
            self._counts[key] = self._counts.get(key, 0) + times

    def counts(self) -> Mapping[tuple[str, str], int]:
        """All so far, the most first."""
        return dict(sorted(self._counts.items(), key=lambda one: (-one[1], one[0])))
