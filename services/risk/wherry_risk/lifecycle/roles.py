"""Roles of model versions, and what a change of them does to the others."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from wherry.errors import Failure, Kind

_VERSION = re.compile(r"([a-z0-9]+(?:-[a-z0-9]+)*)@(\d+\.\d+\.\d+)", re.ASCII)


class Role(StrEnum):
    """What a version is for a tenant.

    The champion answers. Challengers and shadows score the same records, are kept and never shown;
    a challenger is a candidate for promotion. What is retired is not asked at all.
    """

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    SHADOW = "shadow"
    RETIRED = "retired"


BESIDE = frozenset({Role.CHALLENGER, Role.SHADOW})


class Version(NamedTuple):
    """One version of one package."""

    model: str
    version: str

    def __str__(self) -> str:
        """As it is written on the command line."""
        return f"{self.model}@{self.version}"


@dataclass(frozen=True, slots=True)
class Assignment:
    """That a version has a role for a tenant, beside the model that callers ask for (`asked`).

    `asked` is the version's own id, or that of a sibling beside which it runs.
    """

    tenant: str
    asked: str
    version: Version
    role: Role
    since: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Deed:
    """One row of the trail: who gave which role to which version, when and why.

    `before` is None for a version that had no role. `criteria` are the figures of the rule that was
    applied; `despite` is the reason for going on though it did not hold.
    """

    at: datetime
    tenant: str
    asked: str
    version: Version
    before: Role | None
    after: Role
    by: str
    reason: str
    despite: str = ""
    criteria: Sequence[dict[str, Any]] = field(default=())


class Roles(Protocol):
    """Who has which role, and how that came about; the trail only grows."""

    def standing(self, tenant: str) -> list[Assignment]:
        """Every role of this tenant. Raises: Failure(UNAVAILABLE)."""
        ...

    def change(self, deeds: Sequence[Deed]) -> None:
        """Make these changes and write them down in one commit.

        Raises: Failure: CONFLICT when a version's role is no longer what the deed says it was;
        UNAVAILABLE.
        """
        ...

    def trail(self, tenant: str) -> list[Deed]:
        """Every change for this tenant, oldest first. Raises: Failure(UNAVAILABLE)."""
        ...


def version_of(text: str) -> Version:
    """MODEL@VERSION. Raises: Failure(INVALID)."""
    found = _VERSION.fullmatch(text)
    if found is None:
        raise Failure(Kind.INVALID, "write MODEL@VERSION, such as sepsis-6h@0.1.0", at="version")
    return Version(*found.groups())


def role_of(standing: Sequence[Assignment], asked: str, version: Version) -> Role | None:
    """The role of this version beside the asked model; None when it has none."""
    return next(
        (one.role for one in standing if (one.asked, one.version) == (asked, version)), None
    )


def champion_of(standing: Sequence[Assignment], asked: str) -> Version | None:
    """The version that was named champion; None when nobody named one."""
    return next(
        (one.version for one in standing if one.asked == asked and one.role is Role.CHAMPION), None
    )


def is_stopped(standing: Sequence[Assignment], asked: str) -> bool:
    """Whether a champion was retired and nobody took its place: then nothing answers."""
    own = [one.role for one in standing if one.asked == asked == one.version.model]
    return Role.RETIRED in own and Role.CHAMPION not in own


def given(standing: Sequence[Assignment], deed: Deed) -> list[Deed]:
    """The changes that giving this role means: who becomes champion retires the champion before.

    Raises: Failure: INVALID for a person or a reason that is not named, and for a champion of
    another id: callers ask by id, and an answer under another name would mislead them.
    """
    for at, text in (("by", deed.by), ("reason", deed.reason)):
        if not text.strip():
            raise Failure(Kind.INVALID, "name a person and a reason", at=at)
    before = role_of(standing, deed.asked, deed.version)
    if before is deed.after:
        raise Failure(Kind.CONFLICT, f"it is {before.value} already", at="role")
    deed = replace(deed, before=before)
    if deed.after is not Role.CHAMPION:
        return [deed]
    if deed.version.model != deed.asked:
        text = "a sibling runs beside a model and is never its champion: ask for it by its own id"
        raise Failure(Kind.INVALID, text, at="version")
    old = champion_of(standing, deed.asked)
    if old is None:
        return [deed]
    gone = replace(deed, version=old, before=Role.CHAMPION, after=Role.RETIRED, criteria=())
    return [gone, deed]


def champion_before(trail: Sequence[Deed], asked: str) -> Version:
    """The champion before the present one. Raises: Failure(NOT_FOUND) when there was none."""
    for deed in reversed(trail):
        if (deed.asked, deed.before, deed.after) == (asked, Role.CHAMPION, Role.RETIRED):
            return deed.version
    raise Failure(Kind.NOT_FOUND, "there was no other champion", at="model")
