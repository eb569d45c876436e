"""The whole suite as a person runs it: up, demo, demo again, down; and killed without a word."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wherry.suite.addresses import PORTS, Addresses, free_port, is_taken

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for children in /proc"),
]

WHERRY = (sys.executable, "-m", "wherry")
UP_WITHIN_S = 60.0
DEMO_WITHIN_S = 180.0
DOWN_WITHIN_S = 5.0
# the suite under test must not find the services of whoever runs the tests
FOREIGN = (
    "WHERRY_REDIS_URL",
    "WHERRY_DATABASE_URL",
    "WHERRY_EHR_DATABASE_URL",
    "WHERRY_FHIR_TOKEN",
    "WHERRY_SERVICE_TOKEN",
)
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in FOREIGN}  # noqa: TID251 - passed on


@pytest.fixture
def offset() -> int:
    while True:
        found = free_port() % 14_000 + 10_000  # below the ports of outgoing connections
        if not any(is_taken(Addresses(found).port(name)) for name in PORTS):
            return found


@contextmanager
def suite(data: Path, offset: int) -> Iterator[subprocess.Popen[bytes]]:
    """A suite that is ready; killed at the end if the test has not ended it."""
    data.mkdir()
    with (data / "screen").open("wb") as screen:
        running = subprocess.Popen(
            [*WHERRY, "up", "--no-demo", "--data", str(data), "--port-offset", str(offset)],
            stdout=screen,
            stderr=subprocess.STDOUT,
            env=ENVIRONMENT,
        )
    try:
        until(lambda: "Stop it with Ctrl-C" in said(data), running, data)
        yield running
    finally:
        running.kill()
        running.wait()


def said(data: Path) -> str:
    return (data / "screen").read_text()


def until(condition: Callable[[], bool], running: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + UP_WITHIN_S
    while not condition():
        assert running.poll() is None, said(data)
        assert time.monotonic() < deadline, said(data)
        time.sleep(0.05)


def demo(data: Path, offset: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WHERRY, "demo", "--data", str(data), "--port-offset", str(offset)],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEMO_WITHIN_S,
        env=ENVIRONMENT,
    )


def descendants(pid: int) -> set[int]:
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(stat.parent.name)] = int(fields[1])
    found: set[int] = set()
    while more := {child for child, parent in parents.items() if parent in found | {pid}} - found:
        found |= more
    return found


def alive(pids: set[int]) -> set[int]:
    return {
        pid
        for pid in pids
        if (stat := Path(f"/proc/{pid}/stat")).exists()
        and stat.read_text().rpartition(")")[2].split()[0] != "Z"
    }


def test_the_demo_passes_twice_and_the_suite_stops_cleanly(tmp_path: Path, offset: int) -> None:
    data = tmp_path / "data"
    with suite(data, offset) as running:
        children = descendants(running.pid)

        played = [demo(data, offset) for _ in range(2)]
        running.send_signal(signal.SIGTERM)
        code = running.wait(DOWN_WITHIN_S)

    for each in played:
        assert each.returncode == 0, each.stdout + each.stderr
        assert "Estimated risk of death in hospital" in each.stdout
        last = each.stdout.rstrip().splitlines()[-1]
        assert last.startswith(f"  http://127.0.0.1:{Addresses(offset).port('ehr')}/chart/")
    assert code == 0, said(data)
    assert len(children) > len(PORTS)
    assert alive(children) == set()


def test_nothing_is_left_of_a_suite_that_was_killed(tmp_path: Path, offset: int) -> None:
    data = tmp_path / "data"
    with suite(data, offset) as running:
        children = descendants(running.pid)

        running.kill()
        running.wait()

    deadline = time.monotonic() + DOWN_WITHIN_S
    while left := alive(children):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
