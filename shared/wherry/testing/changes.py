"""Changed patients in memory, with the contract of the SQL table; its time stands until moved."""

import itertools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from wherry.errors import Failure, Kind
from wherry.ports import PATIENCE, Aside, State


@dataclass(slots=True)
class _Row:
    mark: int
    since_s: float
    marked_s: float
    free_at_s: float = 0.0
    state: State = State.WAITING
    attempts: int = 0
    reason: str = ""
    tried_s: float = 0.0


class FakeChanges:
    """The `Changes` and `ChangesDesk` ports. Move `time_s` by hand; set `away` to make it fail."""

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
                row.state = State.WAITING

    def due(
        self, *, owner: str, limit: int, quiet_s: float, lease_s: float
    ) -> list[tuple[str, int]]:
        """Lend patients that went quiet, or that waited too long for quiet."""
        self._answer()
        with self._lock:
            quiet = [
                (patient_id, row)
                for patient_id, row in sorted(self._rows.items(), key=lambda item: item[1].since_s)
                if row.state is State.WAITING
                and row.free_at_s <= self.time_s
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
                    row.attempts, row.reason = 0, ""

    def put_off(self, lent: tuple[str, int], *, reason: str, pauses: Sequence[float]) -> bool:
        """Lend again after the pause of this attempt; after the last one set aside."""
        self._answer()
        patient_id, mark = lent
        with self._lock:
            if (row := self._rows.get(patient_id)) is None:
                return False
            aside = row.attempts >= len(pauses) and row.mark == mark
            pause_s = pauses[min(row.attempts, len(pauses) - 1)] if pauses else 0.0
            row.state = State.ASIDE if aside else State.WAITING
            row.attempts, row.reason, row.tried_s = row.attempts + 1, reason[:255], self.time_s
            row.free_at_s = self.time_s + pause_s
            return aside

    def waiting(self) -> int:
        """How many patients are still to be looked at."""
        return self.counts()[State.WAITING]

    def aside(self, *, after: str = "", limit: int = 100) -> list[Aside]:
        """Patients set aside, by id."""
        self._answer()
        return [
            Aside(id_, row.reason, row.attempts, datetime.fromtimestamp(row.tried_s, UTC))
            for id_, row in sorted(self._rows.items())
            if row.state is State.ASIDE and id_ > after
        ][:limit]

    def counts(self) -> Mapping[State, int]:
        """How many patients are waiting and how many aside."""
        self._answer()
        states = [row.state for row in self._rows.values()]
        return {state: states.count(state) for state in (State.WAITING, State.ASIDE)}

    def requeue(self, patient_ids: Sequence[str]) -> int:
        """Put patients who are aside back to waiting."""
        self._answer()
        with self._lock:
            back = [
                row
                for id_ in set(patient_ids)
                if (row := self._rows.get(id_)) and row.state is State.ASIDE
            ]
            for row in back:
                row.state, row.attempts, row.reason, row.free_at_s = State.WAITING, 0, "", 0.0
            return len(back)

    def _answer(self) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the inbox database is away", at="changes")
