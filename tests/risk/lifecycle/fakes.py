"""Roles in memory, with the contract of the SQL tables."""

from collections.abc import Sequence
from datetime import UTC, datetime

from wherry.errors import Failure, Kind
from wherry_risk.lifecycle.roles import Assignment, Deed, Role, Version

NOW = datetime(2026, 10, 1, tzinfo=UTC)


def named(model: str, version: str, role: Role, *, asked: str = "") -> Assignment:
    return Assignment("t", asked or model, Version(model, version), role, NOW, "A. Name", "why")


class FakeRoles:
    """The `Roles` port; set `away` to make it fail."""

    def __init__(self, *rows: Assignment) -> None:
        self.rows = list(rows)
        self.deeds: list[Deed] = []
        self.away = False

    def standing(self, tenant: str) -> list[Assignment]:
        self._there()
        return [one for one in self.rows if one.tenant == tenant]

    def change(self, deeds: Sequence[Deed]) -> None:
        self._there()
        for deed in deeds:
            key = (deed.tenant, deed.asked, deed.version)
            self.rows = [one for one in self.rows if (one.tenant, one.asked, one.version) != key]
            self.rows.append(Assignment(*key, deed.after, deed.at, deed.by, deed.reason))
            self.deeds.append(deed)

    def trail(self, tenant: str) -> list[Deed]:
        self._there()
        return [deed for deed in self.deeds if deed.tenant == tenant]

    def _there(self) -> None:
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the database is away")
