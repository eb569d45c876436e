"""Measures the way of a message on this machine: MLLP to ACK, and MLLP to committed FHIR.

    python scripts/bench.py [--messages 3000] [--rounds 3]

Starts its own suite on its own ports with its own data directory and sends only to 127.0.0.1, from
a process of its own (`bench_load.py`); load, suite, database and durable commits share the machine.
Prints each figure beside its aim, then the CPU that each process took for a message. Not a test:
nothing here fails when a figure is low.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

import bench_cpu
import bench_load
from bench_load import KINDS, Load
from bench_settled import Watch, unfinished
from bench_suite import suite

CONNECTIONS = 32
ADT, ORU = KINDS
_COMMITTED_AIM = {ADT: 800, ORU: 400}
_GENERATOR = "load generator"
out = Console()


def wait(done: Callable[[], bool], limit_s: float) -> None:
    """Wait until `done` or give up loudly."""
    end = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > end:
            sys.exit("gave up waiting: the suite did not get there in time")
        time.sleep(0.05)


def percentile(values: Sequence[float], q: float) -> float:
    """The q-th percentile (0 to 1) of the values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Run:
    """One load, the seconds until all of it was committed, and by process the CPU it took."""

    load: Load
    committed_s: float
    cpu_s: dict[str, float]


@dataclass(slots=True)
class Bench:
    """A running suite: its process, its port and its inbox; counts the messages it was sent."""

    pid: int
    port: int
    inbox: Path
    sent: int = 0

    def run(self, kind: str, messages: int, rate: float = 0.0) -> Run:
        """Send a load, wait until nothing of it is left to do."""
        first, self.sent = self.sent + 1, self.sent + messages
        before = bench_cpu.cpu_s(self.pid)
        load = bench_load.send(self.port, kind, messages, first, connections=CONNECTIONS, rate=rate)
        begin_s = min(load.begun_s)
        wait(lambda: unfinished(self.inbox) == 0, 600)
        took_s = time.monotonic() - begin_s
        after = bench_cpu.cpu_s(self.pid)
        used = {name: after[name] - before.get(name, 0.0) for name in after}
        return Run(load, took_s, {**used, _GENERATOR: load.cpu_s})


@dataclass(slots=True)
class Figures:
    """Rows of what was reached and what was aimed at, and where the time went."""

    rows: list[tuple[str, str, str, str]] = field(default_factory=list)
    cpu_us: dict[str, dict[str, float]] = field(default_factory=dict)

    def at_least(self, name: str, value: float, aim: float) -> None:
        """A figure that is to be high."""
        self.rows.append((name, f"{value:,.0f}", f"≥ {aim:,.0f}", _said(value >= aim)))

    def below(self, name: str, values_s: Sequence[float], aim_ms: float) -> None:
        """Seconds whose 99th percentile is to be low."""
        p50, p99 = (percentile(values_s, q) * 1000 for q in (0.50, 0.99))
        reached = f"p50 {p50:.1f}, p99 {p99:.1f}"
        self.rows.append((name, reached, f"p99 < {aim_ms:g}", _said(p99 < aim_ms)))

    def cpu(self, name: str, runs: Sequence[Run]) -> None:
        """CPU a message in a load."""
        messages = sum(len(run.load.numbers) for run in runs)
        found = self.cpu_us.setdefault(name, {})
        for run in runs:
            for process, seconds in run.cpu_s.items():
                found[process] = found.get(process, 0.0) + seconds / messages * 1e6

    def reached(self) -> Table:
        """The figures beside their aims."""
        table = Table("figure", "measured", "aim", "")
        for row in self.rows:
            table.add_row(*row)
        return table

    def where(self) -> Table:
        """A column for each load, a row for each process, the busiest first."""
        names = sorted(
            {name for each in self.cpu_us.values() for name in each},
            key=lambda name: -max(each.get(name, 0.0) for each in self.cpu_us.values()),
        )
        table = Table("µs of CPU a message", *self.cpu_us)
        for name in names:
            table.add_row(name, *(f"{each.get(name, 0.0):,.0f}" for each in self.cpu_us.values()))
        return table


def throughput(bench: Bench, figures: Figures, messages: int, rounds: int) -> None:
    """As fast as it goes: medians of rounds that alternate between the kinds."""
    runs: dict[str, list[Run]] = {kind: [] for kind in KINDS}
    for _ in range(rounds):
        for kind in KINDS:
            runs[kind].append(bench.run(kind, messages))
    for kind in KINDS:
        rate = statistics.median(messages / run.load.took_s for run in runs[kind])
        figures.at_least(f"ACK/s over {CONNECTIONS} connections, {kind}", rate, 5000)
    for kind in KINDS:
        rate = statistics.median(messages / run.committed_s for run in runs[kind])
        figures.at_least(f"committed FHIR/s, {kind}", rate, _COMMITTED_AIM[kind])
        figures.cpu(f"{kind}, unpaced", runs[kind])


def acknowledged(bench: Bench, figures: Figures, rate: float, seconds: float) -> None:
    """From each message to its ACK at a steady rate."""
    for kind in KINDS:
        run = bench.run(kind, int(rate * seconds), rate)
        figures.below(f"ACK ms at {rate:g} messages/s, {kind}", run.load.latencies_s, 10)
        figures.cpu(f"{kind}, {rate:g}/s", [run])


def committed(bench: Bench, figures: Figures, rate: float, seconds: float) -> None:
    """From each ACK to when its message is seen settled in the inbox, at a steady rate."""
    for kind in KINDS:
        with Watch(bench.inbox) as watch:
            run = bench.run(kind, int(rate * seconds), rate)
            wait(partial(_all_seen, watch, run), 60)
        pairs = zip(run.load.numbers, run.load.ended_s, strict=True)
        waits_s = [max(0.0, watch.done_s[f"B{number:08d}"] - acked) for number, acked in pairs]
        figures.below(f"durable ACK to committed FHIR ms at {rate:g}/s, {kind}", waits_s, 100)


def _all_seen(watch: Watch, run: Run) -> bool:
    return len(watch.done_s) >= len(run.load.numbers)


def _said(reached: bool) -> str:
    return "reached" if reached else "not reached"


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=3000, help="per kind and round")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=15, help="of each paced load")
    options.add_argument("--port-offset", type=int, default=20000)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder,
        suite(Path(folder), given.port_offset) as pid,
    ):
        bench, figures = Bench(pid, 2575 + given.port_offset, Path(folder) / "wherry.db"), Figures()
        for kind in KINDS:
            bench.run(kind, 200)
        throughput(bench, figures, given.messages, given.rounds)
        acknowledged(bench, figures, 500, given.seconds)
        committed(bench, figures, 100, given.seconds)
        out.print("[bold]MLLP to ACK and to committed FHIR")
        out.print(figures.reached())
        out.print(
            "Committed: seen settled in the inbox, which a worker does after the FHIR server has"
            " committed; looked at every 2 ms."
        )
        out.print("[bold]Where the time goes")
        out.print(figures.where())


if __name__ == "__main__":
    main()
