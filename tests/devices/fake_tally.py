"""Counts of readings, in memory."""

from collections.abc import Mapping


class FakeTally:
    """The `Tally` port in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], int] = {}

    def add(self, counts: Mapping[tuple[str, str], int]) -> None:
        for key, count in counts.items():
            self.kept[key] = self.kept.get(key, 0) + count

    def counts(self) -> Mapping[tuple[str, str], int]:
        return self.kept
