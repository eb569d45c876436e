"""Notes of what is to be derived again, in memory."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wherry.errors import Failure, Kind
from wherry_devices.derivation.days import PATIENCE, Lent, Touched


@dataclass(slots=True)
class _Row:
    mark: int
    since_s: float
    marked_s: float
    token: str = ""
    free_at_s: float = 0.0
    attempts: int = 0
    reason: str = ""


class FakeDays:
    """The `Days` port with the contract of the SQL table. Move `time_s` by hand."""

    def __init__(self) -> None:
        self.time_s = 0.0
        self.away = False
        self.rows: dict[Touched, _Row] = {}
        self._marks = itertools.count(1)

    def note(self, touched: Iterable[Touched]) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the database is away", at="days")
        for one in touched:
            row = self.rows.setdefault(one, _Row(0, self.time_s, self.time_s))
            row.mark, row.marked_s = next(self._marks), self.time_s

    def counts(self) -> Mapping[str, int]:
        failed = sum(row.attempts > 0 for row in self.rows.values())
        return {"waiting": len(self.rows) - failed, "failing": failed}

    def due(self, *, owner: str, limit: int, quiet_s: float, lease_s: float) -> list[Lent]:
        token = f"{owner}:{next(self._marks)}"
        lent = []
        for one in self._quiet(quiet_s)[:limit]:
            row = self.rows[one]
            row.token, row.free_at_s = token, self.time_s + lease_s
            lent.append(Lent(one, row.mark, token, row.attempts))
        return lent

    def ready(self, *, quiet_s: float) -> bool:
        return bool(self._quiet(quiet_s))

    def held(self, lent: Sequence[Lent], *, lease_s: float) -> bool:
        ours = [row for one in lent if (row := self._ours(one))]
        for row in ours:
            row.free_at_s = self.time_s + lease_s
        return len(ours) == len(lent)

    def settle(self, lent: Sequence[Lent]) -> None:
        for one in lent:
            row = self._ours(one)
            if row is None:
                self.note([one.touched])
            elif row.mark == one.mark:
                del self.rows[one.touched]
            else:
                row.token, row.free_at_s, row.since_s = "", 0.0, row.marked_s
                row.attempts, row.reason = 0, ""

    def put_off(self, lent: Sequence[Lent], *, pause_s: float, reason: str = "") -> None:
        for one in lent:
            if row := self._ours(one):
                row.token, row.free_at_s, row.reason = "", self.time_s + pause_s, reason
                row.attempts += bool(reason)

    def _ours(self, lent: Lent) -> _Row | None:
        row = self.rows.get(lent.touched)
        return row if row and row.token == lent.token else None

    def _quiet(self, quiet_s: float) -> list[Touched]:
        now_s = self.time_s
        busy = {
            (one.patient, one.what)
            for one, row in self.rows.items()
            if row.token and row.free_at_s > now_s
        }
        found = [
            (row.since_s, one.patient, one.what, one.day)
            for one, row in self.rows.items()
            if row.free_at_s <= now_s
            and (one.patient, one.what) not in busy
            and (row.marked_s <= now_s - quiet_s or row.since_s <= now_s - PATIENCE * quiet_s)
        ]
        return [Touched(patient, what, day) for _, patient, what, day in sorted(found)]
