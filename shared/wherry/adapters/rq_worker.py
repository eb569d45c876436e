"""Tickets turned into calls of one drain function, by an RQ worker that outlives Redis."""

import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType

import structlog
from redis import Redis, RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import UnixSignalDeathPenalty
from rq.worker import WorkerStatus

from wherry.adapters.clock import new_id
from wherry.adapters.rq_log import route_rq_log
from wherry.adapters.rq_queue import RqQueue
from wherry.adapters.rq_ticket import DRAINS, OutOfTime, Ticket, where
from wherry.errors import Failure

STOP_WITHIN_S = 4.0
_WORKER_TTL_S = 30
_MAINTENANCE_S = 30
_BACKOFF_S = (0.2, 0.5, 1.0, 2.0)

log = structlog.get_logger()


class _Alarm(UnixSignalDeathPenalty):
    def handle_death_penalty(self, signum: int, frame: FrameType | None) -> None:
        raise OutOfTime


class _Worker(SimpleWorker):
    job_class = Ticket
    death_penalty_class = _Alarm
    max_connection_wait_time = 2.0

    def subscribe(self) -> None:
        """Listen to nobody: commands to a worker are signals to its process."""

    def _install_signal_handlers(self) -> None:
        """Leave the handlers of `run_worker` alone."""


class _Life:
    """Whether the process is to go on; signal handlers have no other way to say it."""

    def __init__(self) -> None:
        self.worker: _Worker | None = None
        self.stopping = False
        self.deadline: threading.Timer | None = None

    def stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Stop after the running step, and in any case within `STOP_WITHIN_S`."""
        self.stopping = True
        if self.deadline is None:
            self.deadline = threading.Timer(STOP_WITHIN_S, os._exit, (1,))
            self.deadline.daemon = True
            self.deadline.start()
        if self.worker and self.worker.get_state() == WorkerStatus.BUSY:
            self.worker._stop_requested = True
        else:
            raise StopRequested


_life = _Life()


def stopping() -> bool:
    """True once this worker was told to stop: a drain looks at it between two claims."""
    return _life.stopping


def run_worker(
    name: str,
    redis_url: str,
    jobs: Mapping[str, Callable[[], None]],
    sweep: Callable[[], bool],
    sweep_every_s: float = 1.0,
) -> None:
    """Work on the queue `name` until SIGTERM or SIGINT; to be called in the main thread.

    `sweep` says whether there is work that may have no ticket, because Redis was flushed or a
    worker died; it runs in a thread of its own.
    """
    route_rq_log()
    DRAINS.jobs = jobs
    queue = RqQueue(redis_url)
    threading.Thread(
        target=_sweep_for_ever, args=(name, queue, sweep, sweep_every_s), daemon=True
    ).start()
    try:
        for signum in (signal.SIGTERM, signal.SIGINT):
            signal.signal(signum, _life.stop)
        log.info("worker_started", job=name)
        _work_for_ever(name, redis_url)
    except StopRequested:
        pass
    finally:
        if _life.deadline:
            _life.deadline.cancel()
        queue.close()
    log.info("worker_stopped", job=name)


def _work_for_ever(name: str, redis_url: str) -> None:
    failures = 0
    while not _life.stopping:
        started_s = time.monotonic()
        try:
            _work(name, redis_url)
        except RedisError as error:
            log.warning("queue_lost", job=name, error=type(error).__name__)
        failures = failures + 1 if time.monotonic() - started_s < _WORKER_TTL_S else 0
        time.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])


def _work(name: str, redis_url: str) -> None:
    # one queue only: a worker on two queues can lose a job between them
    with Redis.from_url(redis_url, socket_connect_timeout=2.0) as connection:
        DRAINS.connection = connection
        _life.worker = _Worker(
            [name],
            name=f"{name}-{new_id()}",
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=_WORKER_TTL_S,
            maintenance_interval=_MAINTENANCE_S,
        )
        try:
            _life.worker.work()
        finally:
            _life.worker = None
            connection.connection_pool.disconnect()


def _sweep_for_ever(name: str, queue: RqQueue, sweep: Callable[[], bool], every_s: float) -> None:
    while not _life.stopping:
        try:
            if sweep():
                queue.renew(name)
        except Failure as failure:
            log.warning("sweep_failed", job=name, kind=failure.kind.name, at=failure.at)
        except Exception as error:  # the edge of the thread: the next sweep must still come
            log.error("sweep_broke", job=name, error=type(error).__name__, where=where(error))
        time.sleep(every_s)
