"""Prints CPU and latency of landing real translations in a running sandbox EHR, client and server.

    python scripts/bench_store.py [--sizes 1 10 50] [--messages 400] [--database URL]

The EHR runs as a process of its own, as the suite starts it, on a new SQLite file unless another
database is given. "again" is the same messages once more, "changed" are later ones with the same
orders, results and visits. Medians over the groups; CPU of the client is that of `land` alone.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bench_messages import adt, oru
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.collector import spare_the_collector
from wherry.errors import Failure
from wherry.hl7.message import Message
from wherry.landing import land
from wherry.resource import Translation
from wherry.suite.addresses import free_port
from wherry_ehr.migrate import upgrade
from wherry_hl7.translate import DEFAULT, translate

KINDS: dict[str, Callable[[int, int, str], bytes]] = {"ADT": adt, "ORU-20": oru}
RECEIVED_AT = datetime(2026, 1, 5, 8, 30, tzinfo=UTC)
SENT_AT, LATER = "20260105083000+0000", "20260105093000+0000"
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def ehr(database: str) -> Iterator[tuple[HttpFhir, int]]:
    """A sandbox EHR around this database: its client, and the process that serves it."""
    upgrade(database)
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--workers", "1", "--blocking-threads", "4", "--backpressure", "64"),
        *("--log-level", "warning", "--host", "127.0.0.1", "--port", str(port)),
        "wherry_ehr.wsgi:app",
    ]
    settings = {
        "WHERRY_EHR_DATABASE_URL": database,
        "WHERRY_EHR_OPEN_FHIR": "true",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # the code that this process runs
    }
    with subprocess.Popen(command, env=settings) as process:  # noqa: S603 - our own
        try:
            _wait(port)
            yield HttpFhir(f"http://127.0.0.1:{port}/fhir", session(read_s=60)), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)


def _wait(port: int) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("the EHR did not start, so nothing is measured")


def cpu_s(pid: int) -> float:
    """CPU of a process and its children so far, kernel included."""
    pids = [pid, *_children(pid)]
    fields = [Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split() for one in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / _TICKS


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [one for child in map(int, text) for one in (child, *_children(child))]


def translated(kind: str, first: int, count: int, sent_at: str) -> list[Translation]:
    """So many messages from this number on, each of a patient of its own."""
    make = KINDS[kind]
    return [
        translate(Message.parse(make(n, n, sent_at)), sender=DEFAULT, received_at=RECEIVED_AT)
        for n in range(first, first + count)
    ]


def groups_of(made: Sequence[Translation], size: int) -> list[Sequence[Translation]]:
    """Groups of this size, in order."""
    return [made[start : start + size] for start in range(0, len(made), size)]


def measure(groups: Sequence[Sequence[Translation]], fhir: HttpFhir, pid: int) -> dict[str, float]:
    """Land them all; milliseconds for one message, and for one group."""
    messages = sum(map(len, groups))
    client: list[float] = []
    walls: list[float] = []
    before = cpu_s(pid)
    for group in groups:
        cpu, wall = time.process_time(), time.perf_counter()
        results = land(group, fhir)
        client.append((time.process_time() - cpu) / len(group))
        walls.append(time.perf_counter() - wall)
        if failed := [one for one in results if isinstance(one, Failure)]:
            sys.exit(f"a message did not land: {failed[0]}")
    return {
        "client": statistics.median(client) * 1000,
        "server": (cpu_s(pid) - before) / messages * 1000,
        "group": statistics.median(walls) * 1000,
    }


def run(kind: str, size: int, numbers: range, fhir: HttpFhir, pid: int) -> None:
    """One kind in groups of one size: first landing, again, and changed."""
    made, later = (translated(kind, numbers.start, len(numbers), at) for at in (SENT_AT, LATER))
    for stage, batch in (("first", made), ("again", made), ("changed", later)):
        figures = measure(groups_of(batch, size), fhir, pid)
        print(json.dumps({"kind": kind, "size": size, "stage": stage, **figures}), flush=True)


def main() -> None:
    """Measure all kinds in all sizes; one JSON line for each."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 50])
    options.add_argument("--messages", type=int, default=400)
    options.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    options.add_argument("--database", default="", help="another than a new SQLite file")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        database = chosen.database or f"sqlite:///{folder}/ehr.db"
        with ehr(database) as (fhir, pid):
            for kind in chosen.kinds:
                warm = translated(kind, 900_000, 200, SENT_AT)
                measure(groups_of(warm, 50), fhir, pid)
                spare_the_collector()
            first = 1
            for size in chosen.sizes:
                for kind in chosen.kinds:
                    run(kind, size, range(first, first + chosen.messages), fhir, pid)
                    first += chosen.messages


if __name__ == "__main__":
    main()
