"""The daily purge of score records, in a thread beside the worker, whatever that is doing."""

import threading
import time

from sqlalchemy import Engine

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import SystemClock, new_id
from wherry.adapters.keeping_house import looked
from wherry.adapters.rq_worker import stopping
from wherry.adapters.sealing import Sealer
from wherry.adapters.sql import make_engine
from wherry_risk.audit_sql import SqlScoreAudit
from wherry_risk.records_keeping import purge_when_due
from wherry_risk.records_keeping_sql import SqlRecordKeeper
from wherry_risk.records_sql import PatientKeys
from wherry_risk.settings import Settings

_LOOK_EVERY_S = 60.0
_PAUSE_S = 0.05  # between two pages


def keep_records(settings: Settings) -> None:
    """Look every minute whether the purge is due; the thread ends with its process."""
    if settings.records_keeping.at is None:
        return
    engine = make_engine(settings.database_url)
    threading.Thread(
        target=_for_ever, args=(engine, settings), name="score-records", daemon=True
    ).start()


def _for_ever(engine: Engine, settings: Settings) -> None:
    patients = PatientKeys(settings.inbox_keys)
    keeper = SqlRecordKeeper(engine, Sealer(settings.inbox_keys), patients)
    chores, audit = SqlChores(engine), SqlScoreAudit(engine, patients)
    clock, owner = SystemClock(), new_id()

    def pause() -> bool:
        time.sleep(_PAUSE_S)
        return not stopping()

    def purge() -> bool:
        return purge_when_due(
            chores,
            keeper,
            audit,
            settings.records_keeping,
            now=clock.now(),
            owner=owner,
            pause=pause,
        )

    while not stopping():
        looked(purge)
        time.sleep(_LOOK_EVERY_S)
