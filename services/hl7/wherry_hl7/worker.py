"""The hl7 worker: `python -m wherry_hl7.worker` turns kept messages into FHIR."""

from functools import partial

from wherry.adapters.clock import new_id
from wherry.adapters.keeping_house import keep_house
from wherry.adapters.rq_worker import run_worker, stopping
from wherry.adapters.sql import make_engine
from wherry.collector import spare_the_collector
from wherry.draining import Pace
from wherry.logs import configure
from wherry_hl7.deps import Deps
from wherry_hl7.jobs import drain, work_waits
from wherry_hl7.settings import Settings
from wherry_hl7.triage import SOURCE
from wherry_hl7.wiring import wire


def work(deps: Deps, owner: str, pace: Pace) -> None:
    """What a ticket on the queue "hl7" means."""
    drain(deps, owner=owner, senders=deps.senders, pace=pace, stopping=stopping)


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    settings = Settings()
    configure("hl7-worker", settings.log_level)
    deps = wire(settings)
    pace = Pace(settings.claim_limit, settings.lease_s, settings.job_budget_s)
    job = partial(work, deps, new_id(), pace)
    keep_house(make_engine(settings.database_url), settings.keeping, stopping)
    spare_the_collector()
    run_worker(SOURCE, settings.redis_url, {SOURCE: job}, sweep=partial(work_waits, deps))


if __name__ == "__main__":
    main()
