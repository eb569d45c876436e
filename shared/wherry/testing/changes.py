"""Changed patients in memory, with the contract of the SQL table; its time stands until moved."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from wherry.errors import Failure, Kind
from wherry.ports import PATIENCE


@dataclass(slots=True)
class _Row:
    mark: int
    since_s: float
    marked_s: float
    free_at_s: float = 0.0


class FakeChanges:
    """The `Changes` port. Move `time_s` by hand; set `away` to make it fail."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self.away = False
        self._rows: dict[str, _Row] = {}
        self._marks = itertools.count(1)
        self._lock = threading.Lock()

    def mark(self, patient_ids: Sequence[str]) -> None:
        """Note that these patients changed."""
        self._answer()
        with self._lock:
            for patient_id in patient_ids:
                row = self._rows.setdefault(patient_id, _Row(0, self.time_s, self.time_s))
                row.mark, row.marked_s = next(self._marks), self.time_s

    def due(
        self, *, owner: str, limit: int, quiet_s: float, lease_s: float
    ) -> list[tuple[str, int]]:
        """Lend patients that went quiet, or that waited too long for quiet."""
        self._answer()
        with self._lock:
            quiet = [
                (patient_id, row)
                for patient_id, row in sorted(self._rows.items(), key=lambda item: item[1].since_s)
                if row.free_at_s <= self.time_s
                and (
                    row.marked_s <= self.time_s - quiet_s
                    or row.since_s <= self.time_s - PATIENCE * quiet_s
                )
            ]
            for _, row in quiet[:limit]:
                row.free_at_s = self.time_s + lease_s
            return [(patient_id, row.mark) for patient_id, row in quiet[:limit]]

    def settle(self, looked_at: Sequence[tuple[str, int]]) -> None:
        """Forget those whose mark is still the one that was lent; free the others."""
        self._answer()
        with self._lock:
            for patient_id, mark in looked_at:
                if (row := self._rows.get(patient_id)) is None:
                    continue
                if row.mark == mark:
                    del self._rows[patient_id]
                else:
                    row.free_at_s, row.since_s = 0.0, row.marked_s

    def waiting(self) -> int:
        """How many patients are still to be looked at."""
        self._answer()
        return len(self._rows)

    def _answer(self) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the inbox database is away", at="changes")
