"""The risk worker: `python -m wherry_risk.worker` scores patients whose record changed."""

from datetime import timedelta
from functools import partial

import structlog

from wherry.adapters.chores_sql import SqlChores
from wherry.adapters.clock import new_id
from wherry.adapters.rq_worker import run_worker, stopping
from wherry.adapters.sql import make_engine
from wherry.adapters.worker_pages import WorkerPages
from wherry.collector import spare_the_collector
from wherry.logs import configure
from wherry_risk.deps import Deps
from wherry_risk.housekeeping import keep_records
from wherry_risk.jobs import OWNER, score_due, work_waits
from wherry_risk.monitoring.chore import keep_watch
from wherry_risk.monitoring.gauges import FindingsCollector
from wherry_risk.settings import Settings
from wherry_risk.wiring import watch_of, wire

log = structlog.get_logger()

SWEEP_EVERY_S = 1.0
"""Also what wakes the worker when a patient went quiet after the ticket was used up."""


def work(needs: Deps) -> None:
    """What a ticket on the queue "risk" means."""
    score_due(needs, stopping=stopping)


def show_pages(needs: Deps, settings: Settings) -> WorkerPages | None:
    """The worker's pages; a port that is taken is logged, and scoring goes on without them."""
    if not settings.worker_health_port:
        return None
    pings = {"fhir": needs.fhir.ping, "changes": needs.changes.waiting}
    host, port = settings.worker_health_host, settings.worker_health_port
    try:
        return WorkerPages(host, port, pings, needs.registry)
    except OSError as error:
        log.error("pages_not_started", error=type(error).__name__, port=port)
        return None


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    settings = Settings()
    configure("risk-worker", settings.log_level)
    needs = wire(settings)
    engine = make_engine(settings.database_url)
    watch = watch_of(settings, engine)
    needs.registry.register(FindingsCollector(watch.found, watch.tenant))
    show_pages(needs, settings)
    keep_watch(
        SqlChores(engine),
        watch,
        at=settings.watching,
        window=timedelta(days=settings.monitor_days),
        clock=needs.clock,
        owner=new_id(),
        stopping=stopping,
    )
    keep_records(settings)
    spare_the_collector()
    run_worker(
        OWNER,
        settings.redis_url,
        {OWNER: partial(work, needs)},
        sweep=partial(work_waits, needs),
        sweep_every_s=SWEEP_EVERY_S,
    )


if __name__ == "__main__":
    main()
