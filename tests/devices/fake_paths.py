"""The ledger of paths in memory, which compares everything with everything."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from wherry_devices.mapping.paths import Name, Sighting, all_preferred
from wherry_devices.paths import Check


class FakePaths:
    """The `Paths` port in memory. Time passes by hand."""

    secret = b"made-up-secret"

    def __init__(self) -> None:
        self.rows: dict[Name, Sighting] = {}
        self.preferred: Mapping[Name, Name] = {}
        self.checks: dict[Name, bool] = {}
        self.resting: set[Name] = set()

    def note(self, sightings: Sequence[Sighting]) -> Mapping[Name, Name]:
        mine = {one.name for one in sightings}
        for one in sightings:
            row = self.rows.get(one.name)
            if row is None or one.said_s >= row.said_s:
                same = row is not None and replace(one, said_s=row.said_s) == row
                self.rows[one.name] = row if same and row else one
        before, self.preferred = self.preferred, all_preferred(self.rows.values())
        for name in self.rows.keys() - mine:
            if before.get(name) != self.preferred.get(name):
                self.checks[name] = False
                self.resting.discard(name)
        return {name: self.preferred[name] for name in mine & self.preferred.keys()}

    def to_check(self, *, limit: int = 100) -> list[Check]:
        due = [name for name in self.checks if name not in self.resting][:limit]
        return [
            Check(name, self.rows[name].patient, self.preferred.get(name), self.checks[name])
            for name in due
        ]

    def checked(self, checks: Sequence[Check]) -> None:
        for one in checks:
            if self.preferred.get(one.name) == one.preferred:
                if self.checks.get(one.name) is False and not one.last:
                    self.checks[one.name] = True
                    self.resting.add(one.name)
                elif self.checks.get(one.name) and one.last:
                    del self.checks[one.name]

    def later(self) -> None:
        """So much time goes by that everything is to be looked at for the last time."""
        self.resting.clear()
