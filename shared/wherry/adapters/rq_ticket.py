"""An RQ job that can only be a ticket: nothing that lies in Redis chooses what runs."""

import contextlib
from collections.abc import Callable, Mapping

import structlog
from redis import Redis, RedisError
from rq.job import Job, JobStatus

from wherry.adapters.rq_queue import flag_key
from wherry.errors import Failure

log = structlog.get_logger()


class OutOfTime(BaseException):
    """A job took too long. No Exception: it must not look like the fault of one message."""


class Drains:
    """What a worker process drains; RQ calls `run_job` by its name, so there is one of it."""

    jobs: Mapping[str, Callable[[], None]] = {}
    connection: Redis | None = None


DRAINS = Drains()


def run_job(name: str) -> None:
    """Take the flag of the ticket down, then drain; what RQ calls.

    It never raises: RQ would write the traceback, and with it perhaps a patient, to Redis and to
    its log. What failed is still in the inbox, and the sweep makes another ticket for it.
    """
    try:
        with contextlib.suppress(RedisError):
            if DRAINS.connection:
                DRAINS.connection.delete(flag_key(name))
        DRAINS.jobs[name]()
    except Failure as failure:
        log.warning("job_failed", job=name, kind=failure.kind.name, at=failure.at)
    except OutOfTime:  # what was claimed is claimed again when its lease ends
        log.warning("job_out_of_time", job=name)
    except Exception as error:  # the edge of the worker, see above
        log.error("job_broke", job=name, error=type(error).__name__, where=where(error))


def where(error: BaseException) -> str:
    """The place in the code and not the error's text, which may repeat what was worked on."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_qualname}:{trace.tb_lineno}" if trace else ""


class Ticket(Job):
    """Drains the queue it came from, whatever function, argument or callback its record names."""

    def perform(self) -> None:
        """Run the drain of this ticket's queue."""
        run_job(self.origin)

    @property
    def success_callback(self) -> None:
        """None: tickets call nobody back."""

    @property
    def failure_callback(self) -> None:
        """None: tickets call nobody back."""

    @property
    def stopped_callback(self) -> None:
        """None: tickets call nobody back."""

    def send_webhooks(self, status: str | JobStatus, *, exc_string: str | None = None) -> None:
        """Send nothing."""
