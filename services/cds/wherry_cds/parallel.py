"""Several reads become results at the same time, before one moment."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import Protocol, TypeVar

from wherry.errors import Failure, Kind

T = TypeVar("T")
Task = Callable[[], T]


class Together(Protocol):
    """Carries out tasks; each ends as its result or as its Failure."""

    def run(self, tasks: Sequence[Task[T]], *, timeout_s: float) -> list[T | Failure]:
        """The results in the order of the tasks; what is not done in time is a Failure."""
        ...


class InTurn:
    """The port without threads: one after the other."""

    def run(self, tasks: Sequence[Task[T]], *, timeout_s: float) -> list[T | Failure]:
        """The results in the order of the tasks."""
        return [_ended(task) for task in tasks]


class Threads:
    """The port with so many threads for the whole process; they are made when first needed."""

    def __init__(self, most: int) -> None:
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="fhir-read")

    def run(self, tasks: Sequence[Task[T]], *, timeout_s: float) -> list[T | Failure]:
        """The results in the order of the tasks; one alone needs no thread."""
        if len(tasks) <= 1:
            return [_ended(task) for task in tasks]
        futures = [self._pool.submit(copy_context().run, _ended, task) for task in tasks]
        wait(futures, timeout=timeout_s)
        return [_now(future) for future in futures]


def _ended(task: Task[T]) -> T | Failure:
    try:
        return task()
    except Failure as failure:
        return failure


def _now(future: "Future[T | Failure]") -> T | Failure:
    if future.done():
        return future.result()
    future.cancel()
    return Failure(Kind.UNAVAILABLE, "the FHIR server did not answer in time")
