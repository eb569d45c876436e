"""The whole suite as a person runs it: up, demo, demo again, down; and killed without a word."""

import signal
import time
from pathlib import Path

import pytest

from wherry.suite.addresses import PORTS, Addresses
from wherry.testing.suite import demo, free_offset, said, suite

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for children in /proc"),
]

DOWN_WITHIN_S = 5.0


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


def test_the_demo_passes_twice_and_the_suite_stops_cleanly(tmp_path: Path) -> None:
    data, offset = tmp_path / "data", free_offset()
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


def test_nothing_is_left_of_a_suite_that_was_killed(tmp_path: Path) -> None:
    data, offset = tmp_path / "data", free_offset()
    with suite(data, offset) as running:
        children = descendants(running.pid)

        running.kill()
        running.wait()

    deadline = time.monotonic() + DOWN_WITHIN_S
    while left := alive(children):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
