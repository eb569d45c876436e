"""The device worker: `python -m wherry_devices.worker` turns kept payloads into FHIR."""

from functools import partial

from wherry.adapters.clock import new_id
from wherry.adapters.rq_worker import run_worker, stopping
from wherry.collector import spare_the_collector
from wherry.draining import Pace
from wherry.logs import configure
from wherry_devices.deps import Deps
from wherry_devices.jobs import drain, work_waits
from wherry_devices.settings import Settings
from wherry_devices.triage import SOURCE
from wherry_devices.wiring import wire


def work(deps: Deps, owner: str, pace: Pace) -> None:
    """What a ticket on the queue "devices" means."""
    drain(deps, owner=owner, pace=pace, stopping=stopping)


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    settings = Settings()
    configure("devices-worker", settings.log_level)
    deps = wire(settings)
    pace = Pace(settings.claim_limit, settings.lease_s, settings.job_budget_s)
    job = partial(work, deps, new_id(), pace)
    spare_the_collector()
    run_worker(SOURCE, settings.redis_url, {SOURCE: job}, sweep=partial(work_waits, deps))


if __name__ == "__main__":
    main()
