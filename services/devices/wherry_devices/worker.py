"""The device worker: `python -m wherry_devices.worker` turns kept payloads into FHIR."""

from functools import partial

from wherry.adapters.clock import new_id
from wherry.adapters.rq_worker import run_worker, stopping
from wherry.collector import spare_the_collector
from wherry.draining import Pace
from wherry.logs import configure
from wherry_devices.deps import Deps
from wherry_devices.derivation.deriving import STEADY, derive
from wherry_devices.intake.triage import SOURCE
from wherry_devices.jobs import drain, payloads_wait, work_waits
from wherry_devices.settings import Settings
from wherry_devices.wiring import wire


def work(deps: Deps, owner: str, pace: Pace) -> None:
    """What a ticket on the queue "devices" means: payloads, then what is derived of readings.

    When more payloads wait, one value is derived and the rest is left for the next time.
    """
    drain(deps, owner=owner, pace=pace, stopping=stopping)
    derive(deps, owner=owner, stopping=lambda: stopping() or payloads_wait(deps))


def waits(deps: Deps) -> bool:
    """Whether there is anything to do; what the sweep asks."""
    return work_waits(deps) or deps.days.ready(quiet_s=STEADY.quiet_s)


def main() -> None:
    """Work until SIGTERM or SIGINT."""
    settings = Settings()
    configure("devices-worker", settings.log_level)
    deps = wire(settings)
    pace = Pace(settings.claim_limit, settings.lease_s, settings.job_budget_s)
    job = partial(work, deps, new_id(), pace)
    spare_the_collector()
    run_worker(SOURCE, settings.redis_url, {SOURCE: job}, sweep=partial(waits, deps))


if __name__ == "__main__":
    main()
