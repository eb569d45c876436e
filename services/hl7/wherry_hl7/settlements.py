"""Messages that senders wait for are looked up until the worker has finished with them."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import structlog

from wherry.ports import Inbox, Standing, State

log = structlog.get_logger()

_STEP_S = 0.02
_AT_ONCE = 10_000
_FINISHED = frozenset({State.DONE, State.ASIDE})

Then = Callable[[Mapping[int, Standing] | None], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Waiting:
    ids: tuple[int, ...]
    until_s: float
    then: Then


class Settlements:
    """Asks the inbox on a thread of its own, once for all who wait; nobody waits: nobody asks."""

    def __init__(self, inbox: Inbox, executor: Executor, *, timeout_s: float) -> None:
        self._inbox = inbox
        self._executor = executor
        self._timeout_s = timeout_s
        self._waiting: list[_Waiting] = []
        self._asking = False

    def wait(self, ids: Sequence[int], then: Then) -> None:
        """Call `then` when all of these are done or aside, with None when that takes too long."""
        until_s = asyncio.get_running_loop().time() + self._timeout_s
        self._waiting.append(_Waiting(tuple(ids), until_s, then))
        if not self._asking:
            self._ask()

    def _ask(self) -> None:
        self._asking = True
        ids = [id_ for one in self._waiting for id_ in one.ids][:_AT_ONCE]
        loop = asyncio.get_running_loop()
        loop.run_in_executor(self._executor, self._inbox.standing, ids).add_done_callback(
            self._answered
        )

    def _answered(self, future: "asyncio.Future[Mapping[int, Standing]]") -> None:
        error = future.exception()
        if error is not None:
            log.warning("settlements_unknown", kind=type(error).__name__)
        found = {} if error is not None else future.result()
        now_s = asyncio.get_running_loop().time()
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if all(id_ in found and found[id_].state in _FINISHED for id_ in one.ids):
                one.then({id_: found[id_] for id_ in one.ids})
            elif now_s >= one.until_s:
                one.then(None)
            else:
                self._waiting.append(one)
        self._asking = bool(self._waiting)
        if self._asking:
            asyncio.get_running_loop().call_later(_STEP_S, self._ask)
