"""The MLLP listener process: `python -m wherry_hl7.feed_main`."""

import asyncio
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields

import structlog
import uvloop

from wherry.adapters.clock import new_control_id
from wherry.collector import spare_the_collector
from wherry.errors import Failure
from wherry.logs import configure
from wherry_hl7.certificates import Certificates
from wherry_hl7.commit import GroupCommit, Tickets
from wherry_hl7.deps import Deps
from wherry_hl7.feed import Feed, Limits, Shared
from wherry_hl7.feed_metrics import FeedMetrics
from wherry_hl7.feed_pages import FeedPages
from wherry_hl7.listener import Listener
from wherry_hl7.listeners import Listening, listeners
from wherry_hl7.settings import Settings
from wherry_hl7.settlements import Settlements
from wherry_hl7.wiring import wire

log = structlog.get_logger()

# How soon the thread that commits gets Python's lock from the one that reads; by default 5 ms.
_SWITCH_S = 0.0005


@dataclass(frozen=True, slots=True)
class Threads:
    """One thread for each thing that may block, so that none waits for another."""

    keeping: Executor
    asking: Executor
    looking: Executor
    translating: Executor


@contextmanager
def threads() -> Iterator[Threads]:
    """Threads for one process; ended with it."""
    with ExitStack() as stack:
        yield Threads(
            *(stack.enter_context(ThreadPoolExecutor(1, f.name)) for f in fields(Threads))
        )


def make_feeds(
    deps: Deps, settings: Settings, of: Sequence[Listening], run_on: Threads
) -> list[Feed]:
    """A feed for each listener around the ports; all commit on one thread, in one order."""
    metrics = FeedMetrics(deps.registry)
    tickets = Tickets(deps.queue, run_on.asking)
    feeds: list[Feed] = []

    def ended(kept: int) -> None:
        if kept:
            metrics.kept.inc(kept)
            tickets.ask()
        for feed in feeds:
            feed.committed()

    shared = Shared(
        commit=GroupCommit(deps.inbox, run_on.keeping, ended=ended),
        settlements=Settlements(deps.inbox, run_on.looking, timeout_s=settings.stored_timeout_s),
        translating=run_on.translating,
        metrics=metrics,
        policy=deps.policy,
        senders=deps.senders,
        limits=Limits(**{one.name: getattr(settings, one.name) for one in fields(Limits)}),
        now=deps.clock.now,
        new_id=new_control_id,
    )
    feeds += (
        Feed(shared, one.channel, one.max_connections, one.allow, one.commit_ack) for one in of
    )
    for feed in feeds:
        metrics.connections.labels(feed.channel).set(0)
    return feeds


async def serve(deps: Deps, settings: Settings, stop: asyncio.Event) -> None:
    """Listen until `stop` is set, then drain; on SIGHUP the certificates are read again.

    Raises: OSError when a port is taken.
    """
    every = listeners(settings)
    certificates = Certificates()
    with threads() as run_on, ThreadPoolExecutor(1, "ping") as pinging:
        made = [Listener(feed) for feed in make_feeds(deps, settings, every, run_on)]
        pings = {"inbox": deps.inbox.ping, "queue": deps.queue.ping}
        for listener, one in zip(made, every, strict=True):
            await listener.start(one.host, one.port, certificates.of(one))
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, certificates.renew)
        pages = (
            await FeedPages(pings, deps.registry, pinging).start(
                settings.health_host, settings.health_port
            )
            if settings.health_port
            else None
        )
        await stop.wait()
        await asyncio.gather(*(listener.stop(settings.drain_s) for listener in made))
        if pages is not None:
            pages.close()


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    deps = wire(settings)
    spare_the_collector()
    await serve(deps, settings, stop)


def main() -> None:
    """Run until SIGTERM or SIGINT; exit code 1 when a port is taken."""
    settings = Settings()
    configure("hl7-feed", settings.log_level)
    sys.setswitchinterval(_SWITCH_S)
    try:
        uvloop.run(_run(settings))
    except Failure as failure:
        log.error("feed_not_started", at=failure.at, detail=failure.detail)
        sys.exit(1)
    except OSError as error:
        log.error("feed_not_started", error=type(error).__name__, port=settings.mllp_port)
        sys.exit(1)


if __name__ == "__main__":
    main()
