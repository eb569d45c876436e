"""A wish to change a role becomes the changes that it means, after the rule was applied."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from wherry.errors import Failure, Kind
from wherry.ports import Clock
from wherry_risk.lifecycle.outcomes_sql import Outcomes
from wherry_risk.lifecycle.promotion import Criterion, Side, criteria, holds
from wherry_risk.lifecycle.roles import (
    Assignment,
    Deed,
    Role,
    Roles,
    Version,
    champion_before,
    champion_of,
    given,
)
from wherry_risk.lifecycle.standing import Standing
from wherry_risk.monitoring.findings_sql import Found
from wherry_risk.monitoring.from_records import seen_of
from wherry_risk.monitoring.seen import Seen
from wherry_risk.onnx.load import load, versions_of
from wherry_risk.records import Records

UNTIL_NOW = "answered until now as the newest version"


@dataclass(frozen=True, slots=True)
class Desk:
    """The tables, the packages and the time."""

    roles: Roles
    records: Records
    outcomes: Outcomes
    found: Found
    packages: Path
    clock: Clock

    def standing(self, tenant: str) -> Standing:
        """The cast of a tenant as of now."""
        return Standing({}, self.packages, self.roles, tenant=tenant, ticks=lambda: 0.0)


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants which version promoted, and why; `despite` is why the rule may be broken."""

    tenant: str
    version: Version
    by: str
    reason: str
    despite: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the rule said, and the changes; none when it refused."""

    champion: Version
    criteria: Sequence[Criterion]
    deeds: Sequence[Deed]


def decided(needs: Desk, wish: Wish, *, since: datetime) -> Decision:
    """Apply the rule of promotion to what was recorded since then; nothing is written yet.

    Whoever answers as the newest version, without being named, is named without a rule.

    Raises: Failure: NOT_FOUND for a version that lies nowhere, UNPROCESSABLE for a package that
    fails its checks, CONFLICT for what is champion already.
    """
    now = needs.clock.now()
    standing = needs.roles.standing(wish.tenant)
    asked = wish.version.model
    standing, first = _with_champion(needs, wish, standing, now)
    champion = champion_of(standing, asked)
    assert champion is not None  # noqa: S101 - just put there
    if first and champion == wish.version:  # it answers already; only its name was missing
        return Decision(champion, (), [replace(one, reason=wish.reason) for one in first])
    deed = _deed(wish, wish.version, Role.CHAMPION, now)
    deeds = given(standing, deed)  # refuses what cannot be, before anything is counted
    old, new = (
        Side(load(folder_of(needs, version)).manifest, _seen(needs, wish.tenant, version, since))
        for version in (champion, wish.version)
    )
    told = criteria(old, new, list(needs.outcomes.since(wish.tenant, since)))
    if not holds(told) and not wish.despite.strip():
        return Decision(champion, told, ())
    figures = [asdict(one) for one in told]
    despite = "" if holds(told) else wish.despite
    deeds = [replace(one, despite=despite, criteria=figures) for one in deeds]
    return Decision(champion, told, (*first, *deeds))


def simply(needs: Desk, wish: Wish, role: Role, *, asked: str = "") -> Sequence[Deed]:
    """The changes of a role that needs no rule: a shadow, a challenger, an end.

    Raises: Failure(NOT_FOUND) for a version that lies nowhere.
    """
    if role is not Role.RETIRED:
        load(folder_of(needs, wish.version))
    now = needs.clock.now()
    standing = needs.roles.standing(wish.tenant)
    asked = asked or wish.version.model
    if role is not Role.RETIRED or asked != wish.version.model:
        return given(standing, replace(_deed(wish, wish.version, role, now), asked=asked))
    standing, first = _with_champion(needs, wish, standing, now)
    return [*first, *given(standing, _deed(wish, wish.version, role, now))]


def back(needs: Desk, wish: Wish) -> Sequence[Deed]:
    """The changes that make the champion before the present one champion again.

    No rule is applied: it did answer, and going back must not wait. `wish.version` names the model.
    Raises: Failure: NOT_FOUND when there was none; UNPROCESSABLE when its package fails its checks.
    """
    asked = wish.version.model
    version = champion_before(needs.roles.trail(wish.tenant), asked)
    load(folder_of(needs, version))
    standing = needs.roles.standing(wish.tenant)
    return given(standing, _deed(wish, version, Role.CHAMPION, needs.clock.now()))


def folder_of(needs: Desk, version: Version) -> Path:
    """Where this version lies. Raises: Failure(NOT_FOUND)."""
    if version.version not in versions_of(needs.packages).get(version.model, ()):
        raise Failure(Kind.NOT_FOUND, f"there is no package {version}", at="version")
    return needs.packages / version.model / version.version


def _with_champion(
    needs: Desk, wish: Wish, standing: Sequence[Assignment], now: datetime
) -> tuple[list[Assignment], list[Deed]]:
    """Who answers though nobody named them is named first, so that the trail is whole."""
    asked = wish.version.model
    own = [one for one in standing if one.asked == asked == one.version.model]
    if champion_of(standing, asked) is not None or any(one.role is Role.RETIRED for one in own):
        return list(standing), []
    newest = Version(asked, versions_of(needs.packages)[asked][-1])
    first = replace(_deed(wish, newest, Role.CHAMPION, now), reason=UNTIL_NOW)
    first = given(standing, first)[0]
    named = Assignment(wish.tenant, asked, newest, Role.CHAMPION, now, wish.by, UNTIL_NOW)
    others = [one for one in standing if (one.asked, one.version) != (asked, newest)]
    return [*others, named], [first]


def _deed(wish: Wish, version: Version, role: Role, now: datetime) -> Deed:
    return Deed(now, wish.tenant, version.model, version, None, role, wish.by, wish.reason)


def _seen(needs: Desk, tenant: str, version: Version, since: datetime) -> list[Seen]:
    """Every score of this version, whatever its role was when it was made."""
    now = needs.clock.now() + timedelta(seconds=1)
    records = needs.records.between(since, now, model=version.model, tenant=tenant)
    return list(seen_of(one for one in records if one.head.version == version.version))
