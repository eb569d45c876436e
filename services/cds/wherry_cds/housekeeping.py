"""The daily purge of old rows, in a thread of each process of the service; one of them does it."""

import threading
import time
from collections.abc import Callable

import structlog

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import SystemClock, new_id
from wherry.adapters.rq_ticket import where
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.keeping_sql import SqlRowKeeper
from wherry_cds.keeping import purge_when_due
from wherry_cds.settings import Settings

_LOOK_EVERY_S = 60.0
_PAUSE_S = 0.05  # between two pages

log = structlog.get_logger()


def keep_rows(settings: Settings) -> None:
    """Look every minute whether the purge is due; the thread ends with its process."""
    if settings.keeping.at is None:
        return
    threading.Thread(target=_for_ever, args=(settings,), name="cds-rows", daemon=True).start()


def _for_ever(settings: Settings) -> None:
    engine = make_engine(settings.database_url)
    chores, keeper, audit = SqlChores(engine), SqlRowKeeper(engine), SqlAudit(engine)
    clock, owner = SystemClock(), new_id()

    def pause() -> bool:
        time.sleep(_PAUSE_S)
        return True

    def purge() -> bool:
        return purge_when_due(
            chores,
            keeper,
            audit,
            settings.keeping,
            now=clock.now(),
            owner=owner,
            pause=pause,
        )

    while True:
        time.sleep(_LOOK_EVERY_S)
        looked(purge)


def looked(purge: Callable[[], bool]) -> bool:
    """Whether a purge ended just now; what goes wrong is logged, and the next look still comes."""
    try:
        return purge()
    except Failure as failure:
        log.warning("purge_failed", kind=failure.kind.name, at=failure.at)
    except Exception as error:  # the edge of the thread: one fault must not end it
        log.error("purge_broke", error=type(error).__name__, where=where(error))
    return False
