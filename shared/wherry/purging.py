"""Rows that are old enough go, a page at a time, once a day or by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from wherry.retention import Chores, Keeping

_LEASE_S = 120.0

log = structlog.get_logger()


class Dropping(Protocol):
    """Removes old rows, a page in one short transaction."""

    def drop(self, before: datetime) -> int:
        """Remove some rows from before then; returns how many, 0 when none is left.

        Raises: Failure(UNAVAILABLE).
        """
        ...


def purge(keeper: Dropping, *, before: datetime, go_on: Callable[[], bool]) -> int:
    """Remove what is from before then, as long as `go_on` says so; returns how many rows."""
    removed = 0
    while count := keeper.drop(before):
        removed += count
        if not go_on():
            break
    return removed


def purge_when_due(
    chore: str,
    chores: Chores,
    keeper: Dropping,
    keeping: Keeping,
    *,
    now: datetime,
    owner: str,
    pause: Callable[[], bool],
    note: Callable[[int, datetime], None],
) -> bool:
    """The purge of today, unless it is done or another process does it; True when it ended.

    The database remembers it under `chore`. `pause` comes between two pages and says whether to go
    on; `note` keeps in an audit how many rows went, and from before when.
    Raises: Failure(UNAVAILABLE) when the database is away: then it is due again later.
    """
    due = keeping.due(now)
    if due is None or not chores.take(chore, due=due, owner=owner, lease_s=_LEASE_S):
        return False
    ours = True

    def go_on() -> bool:
        nonlocal ours
        ours = pause() and chores.extend(chore, owner=owner, lease_s=_LEASE_S)
        return ours

    before = now - timedelta(days=keeping.rows_days)
    removed = purge(keeper, before=before, go_on=go_on)
    if removed:
        note(removed, before)
    chores.done(chore, bodies=0, rows=removed, owner=owner if ours else "-")
    log.info("rows_purged", chore=chore, rows=removed, to_the_end=ours)
    return ours
