"""Rows of the board and of the audit that are old enough go, a page at a time, once a day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from wherry.retention import Chores, Keeping
from wherry_cds.audit import Audit

CHORE = "cds-rows"
"""The name under which the database remembers the daily purge of this service's rows."""
WHO = "daily purge"
EVENT = "purged"
LEAST_DAYS = 30
"""Decisions look back two weeks, and snoozes and analytics as far."""
_LEASE_S = 120.0

log = structlog.get_logger()


class RowKeeper(Protocol):
    """Removes old rows, a page in one short transaction."""

    def drop(self, before: datetime) -> int:
        """Remove some rows that ended before then; how many, 0 when none is left.

        Raises: Failure(UNAVAILABLE).
        """
        ...


def purge(keeper: RowKeeper, *, before: datetime, go_on: Callable[[], bool]) -> int:
    """Remove what ended before then, as long as `go_on` says so; how many rows."""
    removed = 0
    while count := keeper.drop(before):
        removed += count
        if not go_on():
            break
    return removed


def purge_when_due(
    chores: Chores,
    keeper: RowKeeper,
    audit: Audit,
    keeping: Keeping,
    *,
    now: datetime,
    owner: str,
    pause: Callable[[], bool],
) -> bool:
    """The purge of today, unless it is done or another process does it; True when it ended.

    `pause` comes between two pages and says whether to go on.
    Raises: Failure(UNAVAILABLE) when the database is away: then it is due again later.
    """
    due = keeping.due(now)
    if due is None or not chores.take(CHORE, due=due, owner=owner, lease_s=_LEASE_S):
        return False
    ours = True

    def go_on() -> bool:
        nonlocal ours
        ours = pause() and chores.extend(CHORE, owner=owner, lease_s=_LEASE_S)
        return ours

    before = now - timedelta(days=keeping.rows_days)
    removed = purge(keeper, before=before, go_on=go_on)
    noted(audit, WHO, removed, before)
    chores.done(CHORE, bodies=0, rows=removed, owner=owner if ours else "-")
    log.info("cds_rows_purged", rows=removed, to_the_end=ours)
    return ours


def noted(audit: Audit, who: str, removed: int, before: datetime) -> None:
    """Keep in the audit who removed how many; nothing when nothing was removed."""
    if removed:
        audit.write(EVENT, user_id=who, rows=str(removed), before=f"{before:%Y-%m-%d}")
