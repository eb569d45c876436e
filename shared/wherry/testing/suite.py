"""A data directory and a port offset become a real suite: up, demo, and ended for sure."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wherry.suite.addresses import PORTS, Addresses, free_port, is_taken

WHERRY = (sys.executable, "-m", "wherry")
UP_WITHIN_S = 60.0
DEMO_WITHIN_S = 180.0
# the suite under test must not find the services of whoever runs the tests
FOREIGN = (
    "WHERRY_REDIS_URL",
    "WHERRY_DATABASE_URL",
    "WHERRY_EHR_DATABASE_URL",
    "WHERRY_FHIR_TOKEN",
    "WHERRY_SERVICE_TOKEN",
)
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in FOREIGN}  # noqa: TID251 - passed on


def free_offset() -> int:
    """A port offset at which nothing listens, below the ports of outgoing connections."""
    while True:
        found = free_port() % 14_000 + 10_000
        if not any(is_taken(Addresses(found).port(name)) for name in PORTS):
            return found


@contextmanager
def suite(data: Path, offset: int) -> Iterator[subprocess.Popen[bytes]]:
    """A suite that is ready; killed at the end if nobody has ended it."""
    data.mkdir()
    with (data / "screen").open("wb") as screen:
        running = subprocess.Popen(  # noqa: S603 - our own program, without a shell
            [*WHERRY, "up", "--no-demo", "--data", str(data), "--port-offset", str(offset)],
            stdout=screen,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
        )
    try:
        _until(lambda: "Stop it with Ctrl-C" in said(data), running, data)
        yield running
    finally:
        running.kill()
        running.wait()


def said(data: Path) -> str:
    """What the suite wrote to its screen."""
    return (data / "screen").read_text()


def demo(data: Path, offset: int) -> subprocess.CompletedProcess[str]:
    """`wherry demo` against a suite, run to its end."""
    return subprocess.run(  # noqa: S603 - our own program, without a shell
        [*WHERRY, "demo", "--data", str(data), "--port-offset", str(offset)],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEMO_WITHIN_S,
        env=ENVIRONMENT,
    )


def _until(condition: Callable[[], bool], running: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while not condition():
        if running.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(said(data))
        time.sleep(0.05)
