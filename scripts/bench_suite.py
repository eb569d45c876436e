"""A suite of the measurement's own: started as a child, believed only while that child lives.

A port that answers proves nothing, since another suite may have it; so the child is asked, never a
port: `wherry up` refuses ports that are taken and says when all of its own processes are ready.
"""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

READY = "Ready after"  # what `wherry up` says once every process of its own answers
_WORDS = 600


@contextmanager
def suite(data: Path, offset: int, *, limit_s: float = 90) -> Iterator[int]:
    """The suite as a user starts it, on these ports, stopped at the end; yields its process id.

    Exits if it is not up.
    """
    command = [sys.executable, "-m", "wherry", "up", "--no-demo", "--data", str(data)]
    command += ["--port-offset", str(offset)]
    with child(command, data / "up.log", limit_s=limit_s) as process:
        yield process.pid


@contextmanager
def child(
    command: Sequence[str], told: Path, *, limit_s: float
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `command`, its words kept in `told`, from when it says that it is ready.

    Exits the program when it ends before or does not become ready in `limit_s` seconds; a child
    that ended while it was measured makes the figures somebody else's, so that exits too.
    """
    with (
        told.open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,  # noqa: S603 - our own
    ):
        try:
            _wait(process, told, limit_s)
            yield process
            if process.poll() is not None:
                sys.exit(f"the suite ended while it was measured:\n{_last_words(told)}")
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)


def _wait(process: "subprocess.Popen[bytes]", told: Path, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while process.poll() is None and time.monotonic() < end:
        if READY in told.read_text(errors="replace"):
            return
        time.sleep(0.1)
    sys.exit(f"the suite did not start, so nothing is measured:\n{_last_words(told)}")


def _last_words(told: Path) -> str:
    return told.read_text(errors="replace")[-_WORDS:]
