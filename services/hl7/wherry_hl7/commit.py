"""Arrivals become kept arrivals, in groups: all that came while one commit ran go into the next."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

import structlog

from wherry.errors import Failure
from wherry.ports import Arrival, Inbox, Queue, Receipt

log = structlog.get_logger()

TICKET = "hl7"
_MOST_MESSAGES = 1000
_PAUSE_S = 1.0
_REST_S = 0.005  # between two tickets: a worker that comes later takes more at a time
_MOST_BYTES = 64 * 1024 * 1024

Done = Callable[[Sequence[Receipt] | None], None]


class GroupCommit:
    """Keeps arrivals in the order they were given; each caller hears when its own are safe.

    No timer and no added delay: one message alone is committed at once, a flood in large groups.
    `ended` hears after each commit how many messages it kept, 0 when it failed. Lives on one event
    loop; the inbox is called on the one thread of `executor`.
    """

    def __init__(
        self, inbox: Inbox, executor: Executor, *, ended: Callable[[int], None] = lambda _: None
    ) -> None:
        self._inbox = inbox
        self._executor = executor
        self._ended = ended
        self._waiting: deque[tuple[Sequence[Arrival], int, Done]] = deque()
        self._running = False
        self.pending_bytes = 0

    def keep(self, arrivals: Sequence[Arrival], done: Done) -> None:
        """Keep these, but none that came before.

        `done` gets their receipts when they survive a power cut, None when nothing was kept.
        """
        size = sum(len(arrival.body) for arrival in arrivals)
        self.pending_bytes += size
        self._waiting.append((arrivals, size, done))
        if not self._running:
            self._next()

    @property
    def idle(self) -> bool:
        """Nothing is waiting and nothing is being committed."""
        return not self._running and not self._waiting

    def _next(self) -> None:
        group: list[tuple[Sequence[Arrival], int, Done]] = []
        count = size = 0
        while self._waiting and count < _MOST_MESSAGES and size < _MOST_BYTES:
            one = self._waiting.popleft()
            group.append(one)
            count += len(one[0])
            size += one[1]
        arrivals = [arrival for one in group for arrival in one[0]]
        self._running = True
        future = asyncio.get_running_loop().run_in_executor(
            self._executor, self._inbox.receive, arrivals
        )
        future.add_done_callback(lambda done: self._finished(done, group))

    def _finished(
        self,
        future: "asyncio.Future[list[Receipt]]",
        group: list[tuple[Sequence[Arrival], int, Done]],
    ) -> None:
        error = future.exception()
        receipts = [] if error is not None else future.result()
        if error is not None:
            kind = error.kind.name if isinstance(error, Failure) else type(error).__name__
            log.error("messages_not_kept", kind=kind, messages=sum(len(one[0]) for one in group))
            # what came behind must not be kept without it: its sender sends both again, in order
            group = [*group, *self._waiting]
            self._waiting.clear()
        self._running = False
        if self._waiting:
            self._next()  # first, so that the disk works while answers are written
        at = 0
        for arrivals, size, done in group:
            self.pending_bytes -= size
            end = at + len(arrivals)
            done(None if error is not None else receipts[at:end])
            at = end
        self._ended(sum(not receipt.repeated for receipt in receipts))


class Tickets:
    """Wakes a worker after commits: one call at a time, on its own thread, repeated if needed.

    While the queue is away it is asked once every `_PAUSE_S`; a worker's sweep finds the messages.
    """

    def __init__(self, queue: Queue, executor: Executor) -> None:
        self._queue = queue
        self._executor = executor
        self._busy = False
        self._again = False
        self._away = False

    def ask(self) -> None:
        """Something was kept."""
        if self._busy:
            self._again = True
            return
        self._busy, self._again = True, False
        future = asyncio.get_running_loop().run_in_executor(
            self._executor, self._queue.ticket, TICKET
        )
        future.add_done_callback(self._answered)

    def _answered(self, future: "asyncio.Future[None]") -> None:
        error = future.exception()
        if error is not None and not self._away:
            log.warning("queue_away", kind=type(error).__name__)
        elif error is None and self._away:
            log.info("queue_back")
        self._away = error is not None
        after_s = _PAUSE_S if self._away else _REST_S
        asyncio.get_running_loop().call_later(after_s, self._free)

    def _free(self) -> None:
        self._busy = False
        if self._again:
            self.ask()
