"""Score records that are old enough go, a page at a time, once a day or by hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from wherry.retention import Chores, Keeping
from wherry_risk.records import ScoreAudit

CHORE = "score-records"
"""The name under which the database remembers the daily purge of score records."""
WHO = "daily purge"
_LEASE_S = 120.0

log = structlog.get_logger()


class RecordKeeper(Protocol):
    """Removes and seals anew, a page in one short transaction."""

    def drop(self, before: datetime) -> int:
        """Remove some records made before then; returns how many, 0 when none is left."""
        ...

    def reseal(self) -> int:
        """Seal some records of another key with the first one; returns how many, 0 at the end."""
        ...


def purge(keeper: RecordKeeper, *, before: datetime, go_on: Callable[[], bool]) -> int:
    """Remove what was made before then, as long as `go_on` says so; returns how many."""
    removed = 0
    while count := keeper.drop(before):
        removed += count
        if not go_on():
            break
    return removed


def purge_when_due(
    chores: Chores,
    keeper: RecordKeeper,
    audit: ScoreAudit,
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
    if removed:
        audit.note(WHO, "purge", note=said(removed, before))
    chores.done(CHORE, bodies=0, rows=removed, owner=owner if ours else "-")
    log.info("score_records_purged", rows=removed, to_the_end=ours)
    return ours


def said(removed: int, before: datetime) -> str:
    """The same for the audit."""
    return f"{removed} records from before {before:%Y-%m-%d}"
