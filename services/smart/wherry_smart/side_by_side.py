"""Several reads of one request happen at once, each in the request's own context."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

_THREADS = 16
"""For the requests that are answered at one time, with some reads each."""


class SideBySide:
    """Keeps the contracts of `Each` and `Later`; what one raises is raised once all have ended."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="reading")

    def __call__(self, work: Iterable[Callable[[], Any]]) -> list[Any]:
        """What each returned, in their order."""
        running = [self._pool.submit(copy_context().run, each) for each in work]
        done = [each.exception() for each in running]
        failed = next((error for error in done if error is not None), None)
        if failed is not None:
            raise failed
        return [each.result() for each in running]

    def later(self, work: Callable[[], Any]) -> Callable[[], Any]:
        """Begin at once; what is returned waits for it."""
        return self._pool.submit(copy_context().run, work).result
