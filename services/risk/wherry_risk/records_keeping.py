"""Score records that are old enough go, a page at a time, once a day or by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from wherry import purging
from wherry.purging import Dropping
from wherry.retention import Chores, Keeping
from wherry_risk.records import ScoreAudit

CHORE = "score-records"
"""The name under which the database remembers the daily purge of score records."""
WHO = "daily purge"


class RecordKeeper(Dropping, Protocol):
    """Removes and seals anew, a page in one short transaction."""

    def reseal(self) -> int:
        """Seal some records of another key with the first one; returns how many, 0 at the end."""
        ...


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
    """As `wherry.purging.purge_when_due`, of score records, noted in their audit."""

    def note(removed: int, before: datetime) -> None:
        audit.note(WHO, "purge", note=said(removed, before))

    return purging.purge_when_due(
        CHORE, chores, keeper, keeping, now=now, owner=owner, pause=pause, note=note
    )


def said(removed: int, before: datetime) -> str:
    """The same for the audit."""
    return f"{removed} records from before {before:%Y-%m-%d}"
