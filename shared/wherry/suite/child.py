"""One row of the process table becomes a running process group and what is known of it."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import IO

from wherry.suite import guard
from wherry.suite.processes import Process


class Status(StrEnum):
    """Where a child stands."""

    WAITING = "waiting"
    STARTING = "starting"
    READY = "ready"
    FINISHED = "finished"
    RESTARTING = "restarting"
    GIVEN_UP = "given up"


SETTLED = frozenset({Status.READY, Status.FINISHED})


@dataclass(slots=True)
class Child:
    """A process of the table, its present incarnation and its past deaths."""

    process: Process
    status: Status = Status.WAITING
    popen: subprocess.Popen[bytes] | None = None
    since_s: float = 0.0
    restart_at_s: float = 0.0
    deaths_s: list[float] = field(default_factory=list)

    @property
    def group(self) -> int:
        """The process group: children lead their own; 0 before the first start."""
        return self.popen.pid if self.popen else 0

    def launch(self, log: IO[bytes], now_s: float) -> None:
        """Start it in a process group of its own, so that Ctrl-C does not reach it.

        Not in a session of its own: Linux weighs `nice` only between processes of one session.
        Source: sched(7), The autogroup feature.
        """
        self.popen = subprocess.Popen(  # noqa: S603 - commands come from our own table
            _stepping_back(self.process.nice, self.process.argv),
            env=environment(self.process.env),
            cwd=self.process.cwd,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            process_group=0,
        )
        self.status, self.since_s = Status.STARTING, now_s

    def exit_code(self) -> int | None:
        """The exit code, once it has ended; it is reaped by this."""
        return self.popen.poll() if self.popen else None

    def alive(self) -> bool:
        """Whether its first process still runs."""
        return self.popen is not None and self.popen.poll() is None

    def terminate(self) -> None:
        """Ask the whole group to end."""
        if self.alive():
            guard.send(self.group, signal.SIGTERM)

    def clear(self) -> int:
        """End whatever is left of the group at once, reap its leader, return the group's number."""
        group = self.group
        if self.popen is not None:
            guard.send(group, signal.SIGKILL)
            self.popen.wait()
            self.popen = None
        return group


def _stepping_back(by: int, argv: Sequence[str]) -> Sequence[str]:
    return ("nice", "-n", str(by), *argv) if by else argv


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """What a child sees: everything this process was given, and the suite's own settings."""
    return {**os.environ, **added}  # noqa: TID251 - passed on unread
