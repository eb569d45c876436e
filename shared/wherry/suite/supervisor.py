"""A table of processes becomes running children: started, watched, restarted, stopped."""

import time
from collections.abc import Callable, Sequence

from wherry.errors import Failure, Kind
from wherry.suite import readiness
from wherry.suite.child import SETTLED, Child, Status
from wherry.suite.lifeline import Lifeline
from wherry.suite.place import Place
from wherry.suite.processes import Process

STEP_S = 0.05
READY_WITHIN_S = 60.0
TERM_WITHIN_S = 2.5
KILL_AFTER_S = 4.0
SETTLED_AFTER_S = 1.0  # for processes that cannot be asked
DEATHS_AT_START = 2
MANY_DEATHS = 5
WINDOW_S = 60.0
FIRST_PAUSE_S = 0.2
AGAIN = frozenset({Status.RESTARTING, Status.GIVEN_UP})  # the latter once in WINDOW_S

Teller = Callable[[Child], None]


def pause_after(deaths_s: Sequence[float], now_s: float) -> float | None:
    """Seconds to wait before the next start, doubled with each recent death; None: too many."""
    recent = sum(1 for death_s in deaths_s if now_s - death_s < WINDOW_S)
    if recent >= MANY_DEATHS:
        return None
    return FIRST_PAUSE_S * float(2 ** max(0, recent - 1))


class Supervisor:
    """Children of one suite. `tell` hears of each one that dies, comes back or is given up."""

    def __init__(self, table: Sequence[Process], place: Place, *, tell: Teller) -> None:
        self.children = [Child(process) for process in table]
        self._place = place
        self._tell = tell
        self._lifeline = Lifeline()
        self.stopping = False  # a plain flag: locks of threading.Event may hang in a handler

    def ask_to_stop(self) -> None:
        """Make `start` and `watch` return soon; safe in a signal handler."""
        self.stopping = True

    def start(self, also: Callable[[], None] = lambda: None) -> None:
        """Start all and return when all are ready, or when a stop was asked for.

        Raises: Failure(UNAVAILABLE) at the first process that cannot be brought up.
        """
        while not self.stopping and not all(c.status in SETTLED for c in self.children):
            self.look()
            self._fail_if_stuck()
            also()
            time.sleep(STEP_S)

    def watch(self, also: Callable[[], None] = lambda: None) -> None:
        """Keep the children running until a stop is asked for; `also` runs at each look."""
        while not self.stopping:
            self.look()
            also()
            time.sleep(STEP_S)

    def look(self) -> None:
        """Take note of what happened since the last look, and act on it."""
        now_s = time.monotonic()
        for child in self.children:
            if child.popen is not None and child.status in (Status.STARTING, Status.READY):
                self._look_at_running(child, now_s)
            elif self._may_start(child, now_s):
                self._launch(child, now_s)

    def stop(self) -> None:
        """End all children: the outermost phase first, everything within KILL_AFTER_S."""
        self.stopping = True
        began_s = time.monotonic()
        phases = sorted({child.process.phase for child in self.children}, reverse=True)
        for number, phase in enumerate(phases, start=1):
            leaving = [c for c in self.children if c.process.phase == phase and c.alive()]
            for child in leaving:
                child.terminate()
            _wait_for(leaving, until_s=began_s + TERM_WITHIN_S * number / len(phases))
        _wait_for(self.children, until_s=began_s + KILL_AFTER_S)
        for child in self.children:
            self._lifeline.untie(child.clear())
        self._lifeline.close()

    def _look_at_running(self, child: Child, now_s: float) -> None:
        code = child.exit_code()
        if code is None:
            if child.status is Status.STARTING and _is_ready(child, now_s):
                child.status = Status.READY
                if child.deaths_s:
                    self._tell(child)
            return
        self._lifeline.untie(child.clear())
        if child.process.once and code == 0:
            child.status = Status.FINISHED
            return
        child.deaths_s.append(now_s)
        pause_s = None if child.process.once else pause_after(child.deaths_s, now_s)
        child.status = Status.GIVEN_UP if pause_s is None else Status.RESTARTING
        child.restart_at_s = now_s + (WINDOW_S if pause_s is None else pause_s)
        self._tell(child)

    def _may_start(self, child: Child, now_s: float) -> bool:
        if child.status in AGAIN and not child.process.once:
            return now_s >= child.restart_at_s
        settled = {c.process.name for c in self.children if c.status in SETTLED}
        return child.status is Status.WAITING and child.process.needs <= settled

    def _launch(self, child: Child, now_s: float) -> None:
        try:
            with self._place.fresh_log(child.process.name).open("ab") as log:
                child.launch(log, now_s)
        except OSError:
            child.status, child.restart_at_s = Status.GIVEN_UP, now_s + WINDOW_S
            self._tell(child)
            return
        self._lifeline.tie(child.group)

    def _fail_if_stuck(self) -> None:
        now_s = time.monotonic()
        for child in self.children:
            if len(child.deaths_s) >= DEATHS_AT_START or child.status is Status.GIVEN_UP:
                raise Failure(Kind.UNAVAILABLE, "cannot be started", at=child.process.name)
            late = child.status is Status.STARTING and now_s - child.since_s > READY_WITHIN_S
            if late and not child.process.once:
                text = f"is not ready after {READY_WITHIN_S:.0f} seconds"
                raise Failure(Kind.UNAVAILABLE, text, at=child.process.name)


def _is_ready(child: Child, now_s: float) -> bool:
    if child.process.once:
        return False
    if not child.process.ready:
        return now_s - child.since_s > SETTLED_AFTER_S
    return readiness.is_ready(child.process.ready)


def _wait_for(children: Sequence[Child], *, until_s: float) -> None:
    while any(child.alive() for child in children) and time.monotonic() < until_s:
        time.sleep(STEP_S)
