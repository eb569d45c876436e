"""The daily look at the models runs in a thread beside a worker, in one process of all."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from wherry.adapters.rq_ticket import where
from wherry.errors import Failure
from wherry.ports import Clock
from wherry.retention import Chores, Keeping
from wherry_risk.monitoring.job import Watch, monitor
from wherry_risk.monitoring.seen import worst

NAME = "risk-monitor"
LEASE_S = 1800.0
_LOOK_EVERY_S = 60.0

log = structlog.get_logger()


def watch_when_due(
    chores: Chores, needs: Watch, *, at: Keeping, window: timedelta, now: datetime, owner: str
) -> bool:
    """Look at the models once a day from the hour of `at`; whether it was ours to do.

    Outcomes go with the score records that they answer, after `at.rows_days`.

    A process that dies leaves the lease, and another one looks after half an hour.
    """
    due = at.due(now)
    if due is None or not chores.take(NAME, due=due, owner=owner, lease_s=LEASE_S):
        return False
    told = monitor(needs, since=now - window, until=now)
    gone = needs.outcomes.drop(now - timedelta(days=at.rows_days))
    chores.done(NAME, bodies=0, rows=0, owner=owner)
    level = worst([one.level for one in told]).value
    log.info("models_watched", versions=len(told), level=level, outcomes_dropped=gone)
    return True


def keep_watch(
    chores: Chores,
    needs: Watch,
    *,
    at: Keeping,
    window: timedelta,
    clock: Clock,
    owner: str,
    stopping: Callable[[], bool],
) -> None:
    """Look every minute whether it is due; the thread ends with its process."""

    def for_ever() -> None:
        while not stopping():
            try:
                watch_when_due(chores, needs, at=at, window=window, now=clock.now(), owner=owner)
            except Failure as failure:
                log.warning("watch_failed", kind=failure.kind.name, at=failure.at)
            except Exception as error:  # the edge of the thread: the next look must still come
                log.error("watch_broke", error=type(error).__name__, where=where(error))
            time.sleep(_LOOK_EVERY_S)

    if at.at is not None:
        threading.Thread(target=for_ever, name="watch", daemon=True).start()
