"""The MLLP listener process: `python -m wherry_hl7.feed_main`."""

import asyncio
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import structlog
import uvloop

from wherry.adapters.clock import new_id
from wherry.logs import configure
from wherry_hl7.commit import GroupCommit, Tickets
from wherry_hl7.deps import Deps
from wherry_hl7.feed_metrics import FeedMetrics
from wherry_hl7.feed_pages import FeedPages
from wherry_hl7.listener import Listener
from wherry_hl7.mllp import Feed, Limits
from wherry_hl7.settings import Settings
from wherry_hl7.wiring import wire

log = structlog.get_logger()


def make_feed(
    deps: Deps, settings: Settings, *, keeping: ThreadPoolExecutor, asking: ThreadPoolExecutor
) -> Feed:
    """The feed around the ports; commits run on the one thread of `keeping`."""
    metrics = FeedMetrics(deps.registry)
    tickets = Tickets(deps.queue, asking)

    def ended(kept: int) -> None:
        if kept:
            metrics.kept.inc(kept)
            tickets.ask()
        feed.committed()

    feed = Feed(
        commit=GroupCommit(deps.inbox, keeping, ended=ended),
        metrics=metrics,
        policy=deps.policy,
        limits=Limits(
            max_message_bytes=settings.max_message_bytes,
            block_timeout_s=settings.block_timeout_s,
            stray_timeout_s=settings.stray_timeout_s,
            max_unanswered=settings.max_unanswered,
            max_pending_bytes=settings.max_pending_bytes,
        ),
        channel=settings.channel,
        max_connections=settings.max_connections,
        now=deps.clock.now,
        new_id=new_id,
    )
    return feed


async def serve(deps: Deps, settings: Settings, stop: asyncio.Event) -> None:
    """Listen until `stop` is set, then drain. Raises: OSError when a port is taken."""
    with (
        ThreadPoolExecutor(1, "keep") as keeping,
        ThreadPoolExecutor(1, "ticket") as asking,
        ThreadPoolExecutor(1, "ping") as pinging,
    ):
        listener = Listener(make_feed(deps, settings, keeping=keeping, asking=asking))
        pings = {"inbox": deps.inbox.ping, "queue": deps.queue.ping}
        await listener.start(settings.mllp_host, settings.mllp_port)
        pages = (
            await FeedPages(pings, deps.registry, pinging).start(
                settings.health_host, settings.health_port
            )
            if settings.health_port
            else None
        )
        await stop.wait()
        await listener.stop()
        if pages is not None:
            pages.close()


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(wire(settings), settings, stop)


def main() -> None:
    """Run until SIGTERM or SIGINT; exit code 1 when a port is taken."""
    settings = Settings()
    configure("hl7-feed", settings.log_level)
    try:
        uvloop.run(_run(settings))
    except OSError as error:
        log.error("feed_not_started", error=type(error).__name__, port=settings.mllp_port)
        sys.exit(1)


if __name__ == "__main__":
    main()
