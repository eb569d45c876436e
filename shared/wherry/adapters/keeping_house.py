"""The daily purge runs in a thread beside a worker, whatever the worker is busy with."""

import threading
import time
from collections.abc import Callable

import structlog
from sqlalchemy import Engine

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import SystemClock, new_id
from wherry.adapters.retention_sql import SqlRetention
from wherry.adapters.rq_ticket import where
from wherry.errors import Failure
from wherry.retention import Keeping, purge_when_due

_LOOK_EVERY_S = 60.0
_PAUSE_S = 0.05  # between two pages

log = structlog.get_logger()


def keep_house(engine: Engine, keeping: Keeping, stopping: Callable[[], bool]) -> None:
    """Look every minute whether the purge is due; the thread ends with its process."""
    if keeping.at is not None:
        threading.Thread(
            target=_for_ever, args=(engine, keeping, stopping), name="purge", daemon=True
        ).start()


def _for_ever(engine: Engine, keeping: Keeping, stopping: Callable[[], bool]) -> None:
    chores, keeper, clock, owner = SqlChores(engine), SqlRetention(engine), SystemClock(), new_id()

    def pause() -> bool:
        time.sleep(_PAUSE_S)
        return not stopping()

    def purge() -> bool:
        return purge_when_due(chores, keeper, keeping, now=clock.now(), owner=owner, pause=pause)

    while not stopping():
        looked(purge)
        time.sleep(_LOOK_EVERY_S)


def looked(purge: Callable[[], bool]) -> bool:
    """Whether a purge ended just now; what goes wrong is logged, and the next look still comes."""
    try:
        return purge()
    except Failure as failure:
        log.warning("purge_failed", kind=failure.kind.name, at=failure.at)
    except Exception as error:  # the edge of the thread: one fault must not end it
        log.error("purge_broke", error=type(error).__name__, where=where(error))
    return False
