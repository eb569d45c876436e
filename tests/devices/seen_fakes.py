"""What was last heard of devices and who looked, in memory."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from wherry.errors import Failure
from wherry_devices.freshness.seen import DayRow, Deed, SeenRow, Steps, Waiting
from wherry_devices.freshness.standings import Standing
from wherry_devices.mapping.heard import Heard, Told


class FakeSeen:
    """The `Seen` port. What waits is put into `held` by hand; `failure` makes it fail."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.held: list[Waiting] = []
        self.failure: Failure | None = None

    def record(self, heard: Heard) -> None:
        self._fail()
        self.heard.merge(heard)

    def rows(self, keys: Sequence[str]) -> list[SeenRow]:
        units = {one.last.unit for one in self._rows() if one.key in keys}
        return [
            one
            for one in self._rows()
            if one.key in keys or one.last.unit in keys or one.last.unit in units
        ]

    def told(self, keys: Sequence[str]) -> Mapping[str, Mapping[str, Told]]:
        self._fail()
        found: dict[str, dict[str, Told]] = {}
        for (key, name), told in self.heard.told.items():
            if key in keys:
                found.setdefault(key, {})[name] = told
        return found

    def days(self, patients: Sequence[str], *, since: int) -> list[DayRow]:
        self._fail()
        return [
            DayRow(key, patient, kind, number, day)
            for (key, patient, kind, number), day in sorted(self.heard.days.items())
            if patient in patients and number >= since
        ]

    def recent(self, sources: Sequence[str], *, since_s: float) -> list[SeenRow]:
        return [
            one
            for one in self._rows()
            if one.patient and one.last.received_s >= since_s and one.last.source in sources
        ]

    def waiting(self, *, limit: int) -> list[Waiting]:
        self._fail()
        return self.held[:limit]

    def steps(self) -> Mapping[tuple[str, str], Steps]:
        self._fail()
        counts: dict[tuple[str, str], dict[str, int]] = {}
        sums: dict[tuple[str, str], float] = {}
        for (source, name, bound), (count, sum_s) in self.heard.steps.items():
            counts.setdefault((source, name), {})[bound] = count
            sums[source, name] = sums.get((source, name), 0.0) + sum_s
        return {name: Steps(found, sums[name]) for name, found in counts.items()}

    def _rows(self) -> list[SeenRow]:
        self._fail()
        return [SeenRow(*of, last) for of, last in sorted(self.heard.lasts.items())]

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


class FakeAudit:
    """The `Audit` port."""

    def __init__(self) -> None:
        self.rows: list[Deed] = []
        self.failure: Failure | None = None

    def note(self, deeds: Sequence[Deed]) -> None:
        if self.failure:
            raise self.failure
        self.rows += deeds

    def deeds(self, *, after: int = 0, limit: int = 100) -> list[tuple[int, datetime, Deed]]:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return [(id_, at, deed) for id_, deed in enumerate(self.rows, 1) if id_ > after][:limit]


class FakeStandings:
    """The `Standings` port: what a test says of each key."""

    def __init__(self) -> None:
        self.known: dict[str, Standing] = {}

    def standing(self, keys: Sequence[str]) -> Mapping[str, Standing]:
        return {key: self.known[key] for key in keys if key in self.known}
