"""Messages that are done lose their bodies, then their rows: by hand, or once a day by a worker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Protocol

import structlog

from wherry.desk import What

DAILY = "purge"
"""The name under which the database remembers the daily purge."""

_LEASE_S = 120.0
_WHO = "daily purge"

log = structlog.get_logger()


class Keeper(Protocol):
    """Finds what is due a page at a time, and removes a page in one short transaction."""

    def bodies(self, before: datetime, *, after: int = 0) -> list[int]:
        """Messages above `after` that came before then and still have their bodies."""
        ...

    def rows(self, before: datetime, *, after: int = 0) -> list[int]:
        """Messages above `after` that came before then and have lost their bodies."""
        ...

    def forget(self, message_ids: Sequence[int]) -> int:
        """Remove these bodies; returns how many there were."""
        ...

    def drop(self, message_ids: Sequence[int]) -> int:
        """Remove what is left of these messages; returns how many there were."""
        ...

    def note(self, who: str, what: What, note: str) -> None:
        """An audit row about many messages."""
        ...


@dataclass(frozen=True, slots=True)
class Chore:
    """What is known of the purge: when it was done last, and what it removed since the start."""

    ended_at: datetime | None = None
    bodies: int = 0
    rows: int = 0


class Chores(Protocol):
    """Work that one process at a time does, now and then."""

    def take(self, name: str, *, due: datetime, owner: str, lease_s: float) -> bool:
        """Whether it is ours until the lease ends: nobody has it or has done it since `due`."""
        ...

    def extend(self, name: str, *, owner: str, lease_s: float) -> bool:
        """Renew the lease; False when somebody else has it."""
        ...

    def done(self, name: str, *, bodies: int, rows: int, owner: str = "") -> None:
        """Add to what was removed; it counts as done when `owner` had taken it, or nobody."""
        ...

    def last(self, name: str) -> Chore:
        """What is known of it. Raises: Failure(UNAVAILABLE)."""
        ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days bodies and rows are kept, and when, in UTC, they go each day; None is never."""

    days: float
    rows_days: float
    at: time | None = None

    def due(self, now: datetime) -> datetime | None:
        """The last time at which they were to go."""
        if self.at is None:
            return None
        today = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return today if today <= now else today - timedelta(days=1)


@dataclass(slots=True)
class Removed:
    """How much is gone so far."""

    bodies: int = 0
    rows: int = 0


def purge(
    keeper: Keeper,
    *,
    before: datetime,
    rows_before: datetime,
    go_on: Callable[[Removed], bool],
) -> Removed:
    """Remove what came before then, a page at a time, as long as `go_on` says so."""
    removed, after = Removed(), 0
    while ids := keeper.bodies(before, after=after):
        removed.bodies += keeper.forget(ids)
        after = ids[-1]
        if not go_on(removed):
            return removed
    after = 0
    while ids := keeper.rows(rows_before, after=after):
        removed.rows += keeper.drop(ids)
        after = ids[-1]
        if not go_on(removed):
            return removed
    return removed


def purge_when_due(
    chores: Chores,
    keeper: Keeper,
    keeping: Keeping,
    *,
    now: datetime,
    owner: str,
    pause: Callable[[], bool],
) -> bool:
    """The purge of today, unless it is done or another process does it; True when it ended.

    `pause` comes between two pages, so that feeds have their turn, and says whether to go on.
    Raises: Failure(UNAVAILABLE) when the database is away: then it is due again later.
    """
    due = keeping.due(now)
    if due is None or not chores.take(DAILY, due=due, owner=owner, lease_s=_LEASE_S):
        return False
    ours = True

    def go_on(_removed: Removed) -> bool:
        nonlocal ours
        ours = pause() and chores.extend(DAILY, owner=owner, lease_s=_LEASE_S)
        return ours

    before = now - timedelta(days=keeping.days)
    rows_before = now - timedelta(days=keeping.rows_days)
    removed = purge(keeper, before=before, rows_before=rows_before, go_on=go_on)
    note = said(removed, before)
    if removed.bodies or removed.rows:
        keeper.note(_WHO, What.PURGE, note if ours else f"stopped after {note}")
    chores.done(DAILY, bodies=removed.bodies, rows=removed.rows, owner=owner if ours else "-")
    log.info("purged", bodies=removed.bodies, rows=removed.rows, to_the_end=ours)
    return ours


def said(removed: Removed, before: datetime) -> str:
    """The same for the audit."""
    return f"{removed.bodies} bodies, {removed.rows} rows, from before {before:%Y-%m-%d}"
