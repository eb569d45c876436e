"""The demo as a child of `wherry up`: it shares the terminal, and its end is told once.

It needs no guard: without the suite it ends by itself.
"""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from wherry.suite import guard

KILL_AFTER_S = 1.0


class Show:
    """`wherry demo`, played once against the suite that was just started."""

    def __init__(self, data: Path, port_offset: int, *, ended: Callable[[int], None]) -> None:
        self._ended = ended
        self._popen: subprocess.Popen[bytes] | None = subprocess.Popen(  # noqa: S603 - our own
            [
                *(sys.executable, "-m", "wherry", "demo"),
                *("--data", str(data), "--port-offset", str(port_offset)),
            ],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def look(self) -> None:
        """Tell of the end, when it came."""
        if self._popen is not None and (code := self._popen.poll()) is not None:
            self._popen = None
            self._ended(code)

    def stop(self) -> None:
        """End it when it still plays."""
        if self._popen is None:
            return
        guard.send(self._popen.pid, signal.SIGTERM)
        try:
            self._popen.wait(KILL_AFTER_S)
        except subprocess.TimeoutExpired:
            guard.send(self._popen.pid, signal.SIGKILL)
            self._popen.wait()
