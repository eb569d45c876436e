"""The fetcher: `python -m wherry_devices.fetcher` fetches what vendors' clouds have of patients."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from wherry.adapters.clock import new_id
from wherry.adapters.rq_ticket import where
from wherry.errors import Failure
from wherry.logs import configure
from wherry.pausing import pause_s
from wherry_devices.accounts.connections import Ended, Lent
from wherry_devices.accounts.fetching import STEADY, Span, fetch
from wherry_devices.deps import Deps
from wherry_devices.settings import Settings
from wherry_devices.vendors.protocol import Trouble
from wherry_devices.wiring import wire

LOOK_EVERY_S = 2.0
_WITHOUT_VENDORS_S = 60.0

log = structlog.get_logger()


def fetch_due(needs: Deps, *, owner: str, stopping: Callable[[], bool], span: Span = STEADY) -> int:
    """Fetch connections until none is due; returns how many were. Safe beside others.

    Raises: Failure(UNAVAILABLE) when the database is away.
    """
    count = 0
    sources = sorted(needs.clouds.registrations)
    while sources and not stopping():
        lent = needs.clouds.fetches.claim(sources, owner=owner, lease_s=span.lease_s)
        if lent is None:
            break
        _fetch_one(lent, needs, span, stopping)
        count += 1
    return count


def _fetch_one(lent: Lent, needs: Deps, span: Span, stopping: Callable[[], bool]) -> None:
    try:
        fetch(lent, needs, span=span, stopping=stopping)
    except Failure:
        raise
    except Exception as error:  # the edge: one broken answer must not stop all others
        log.error(
            "fetch_broke",
            source=lent.connection.source,
            connection=lent.connection.id,
            error=type(error).__name__,
            where=where(error),
        )
        again_s = needs.clouds.of(lent.connection.source).interval_s
        needs.clouds.fetches.settle(lent, Ended(Trouble.MALFORMED, again_s=again_s))


def run(needs: Deps, *, owner: str, over: threading.Event) -> None:
    """Look for due connections every other second until it is over."""
    failures = 0
    look_s = LOOK_EVERY_S if needs.clouds.registrations else _WITHOUT_VENDORS_S
    while not over.is_set():
        try:
            fetch_due(needs, owner=owner, stopping=over.is_set)
            failures = 0
        except Failure as failure:
            failures += 1
            log.warning("fetching_paused", kind=failure.kind.name, at=failure.at)
        over.wait(max(look_s, pause_s(failures, spread=owner) if failures else 0.0))


def main() -> None:
    """Fetch until SIGTERM or SIGINT: what is on its way is finished up to its next page."""
    settings = Settings()
    configure("devices-fetcher", settings.log_level)
    needs = wire(settings)
    over = threading.Event()

    def stop(_signum: int, _frame: FrameType | None) -> None:
        over.set()

    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, stop)
    log.info("fetcher_started", vendors=sorted(needs.clouds.registrations))
    run(needs, owner=new_id(), over=over)
    log.info("fetcher_stopped")


if __name__ == "__main__":
    main()
