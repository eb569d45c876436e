"""The daily purge of old rows, in a thread of each process of the service; one of them does it."""

import threading
import time

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import SystemClock, new_id
from wherry.adapters.keeping_house import looked
from wherry.adapters.sql import make_engine
from wherry_cds.board.audit_sql import SqlAudit
from wherry_cds.board.keeping_sql import SqlRowKeeper
from wherry_cds.keeping import purge_when_due
from wherry_cds.settings import Settings

_LOOK_EVERY_S = 60.0
_PAUSE_S = 0.05  # between two pages


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
