"""The ledger of paths in memory, which compares everything with everything."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wherry_devices.duplicates.paths import Check
from wherry_devices.mapping.paths import PLAIN, Name, Sighting, Stand, all_preferred
from wherry_devices.mapping.withdrawals import Withdrawal


class FakePaths:
    """The `Paths` port in memory. Time passes by hand."""

    secret = b"made-up-secret"

    def __init__(self) -> None:
        self.rows: dict[Name, Sighting] = {}
        self.preferred: Mapping[Name, Name] = {}
        self.gone: list[Withdrawal] = []
        self.checks: dict[Name, bool] = {}
        self.resting: set[Name] = set()

    def note(self, sightings: Sequence[Sighting]) -> Mapping[Name, Stand]:
        mine = {one.name for one in sightings}
        for one in sightings:
            row = self.rows.get(one.name)
            if row is None or one.said_s >= row.said_s:
                same = row is not None and replace(one, said_s=row.said_s) == row
                same = same and not self.stand(one.name).withdrawn
                self.rows[one.name] = row if same and row else one
        self._compare(mine)
        return {name: stand for name in mine if (stand := self.stand(name)) != PLAIN}

    def withdraw(self, withdrawals: Sequence[Withdrawal]) -> None:
        before = {name for name in self.rows if self.stand(name).withdrawn}
        self.gone += withdrawals
        now = {name for name in self.rows if self.stand(name).withdrawn}
        self._check(now - before)
        self._compare(set())

    def stand(self, name: Name) -> Stand:
        withdrawn = any(map(self.rows[name].within, self.gone))
        return Stand(None if withdrawn else self.preferred.get(name), withdrawn)

    def _compare(self, mine: set[Name]) -> None:
        before = self.preferred
        left = [one for one in self.rows.values() if not any(map(one.within, self.gone))]
        self.preferred = all_preferred(left)
        changed = {name for name in self.rows if before.get(name) != self.preferred.get(name)}
        self._check({name for name in changed - mine if not self.stand(name).withdrawn})

    def _check(self, names: set[Name]) -> None:
        self.checks |= dict.fromkeys(names, False)
        self.resting -= names

    def to_check(self, *, limit: int = 100) -> list[Check]:
        due = [name for name in self.checks if name not in self.resting][:limit]
        return [
            Check(
                name,
                self.rows[name].patient,
                self.stand(name),
                self.checks[name],
                self.rows[name].family,
            )
            for name in due
        ]

    def checked(self, checks: Sequence[Check]) -> None:
        for one in checks:
            if self.stand(one.name) == one.stand and self.checks.get(one.name) is one.last:
                if one.last:
                    del self.checks[one.name]
                else:
                    self.checks[one.name] = True
                    self.resting.add(one.name)

    def later(self) -> None:
        """So much time goes by that everything is to be looked at for the last time."""
        self.resting.clear()
