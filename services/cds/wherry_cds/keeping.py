"""Rows of the board and of the audit that are old enough go, a page at a time, once a day."""

from collections.abc import Callable
from datetime import datetime

from wherry import purging
from wherry.purging import Dropping
from wherry.retention import Chores, Keeping
from wherry_cds.audit import Audit

CHORE = "cds-rows"
"""The name under which the database remembers the daily purge of this service's rows."""
WHO = "daily purge"
EVENT = "purged"
LEAST_DAYS = 30
"""Decisions look back two weeks, and snoozes and analytics as far."""


def purge_when_due(
    chores: Chores,
    keeper: Dropping,
    audit: Audit,
    keeping: Keeping,
    *,
    now: datetime,
    owner: str,
    pause: Callable[[], bool],
) -> bool:
    """As `wherry.purging.purge_when_due`, of this service's rows, noted in its audit."""

    def note(removed: int, before: datetime) -> None:
        noted(audit, WHO, removed, before)

    return purging.purge_when_due(
        CHORE, chores, keeper, keeping, now=now, owner=owner, pause=pause, note=note
    )


def noted(audit: Audit, who: str, removed: int, before: datetime) -> None:
    """Keep in the audit who removed how many; nothing when nothing was removed."""
    if removed:
        audit.write(EVENT, user_id=who, rows=str(removed), before=f"{before:%Y-%m-%d}")
