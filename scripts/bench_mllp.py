"""Measures the MLLP listener alone: durable commits to SQLite before each ACK, and no worker.

    python scripts/bench_mllp.py [--messages 6000] [--rate 500]

`bench.py` measures the whole way. Here the listener has a data directory of its own and no Redis:
tickets are hints, and their absence is part of what it has to bear. Before it a server that only
answers takes the same load: what the load generator can do at most.
"""

import argparse
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from rich.table import Table

import bench_cpu
import bench_load
from bench import ADT, out, percentile, wait
from bench_load import KINDS, Load
from wherry.adapters.migrate import upgrade
from wherry.suite.addresses import free_port

CONNECTIONS = (1, 8, 32)
_firsts = count(1, 1_000_000)  # so that no two loads have a message in common
_TRIVIAL = """
import asyncio, sys, uvloop

ANSWER = b"\\x0bMSH|^~\\\\&|A|B|C|D|20260101||ACK|1|P|2.5.1\\rMSA|AA|1\\r\\x1c\\r"

class Answers(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
    def data_received(self, data):
        self.transport.write(ANSWER * data.count(b"\\x1c\\r"))

async def serve():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answers, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()

uvloop.run(serve())
"""


@dataclass(frozen=True, slots=True)
class Server:
    """What is measured: its name in the table, its port and its process id."""

    name: str
    port: int
    pid: int


@contextmanager
def listener(data: Path) -> Iterator[Server]:
    """The listener process with a new inbox in `data`; stopped at the end."""
    database = f"sqlite:///{data}/inbox.db"
    upgrade(database)
    port, health = free_port(), free_port()
    settings = {
        "WHERRY_DATABASE_URL": database,
        "WHERRY_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        "WHERRY_HL7_MLLP_PORT": str(port),
        "WHERRY_HL7_HEALTH_PORT": str(health),
    }
    with (
        (data / "listener.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "wherry_hl7.feed_main"],
            env=settings,
            stderr=log,
        ) as process,
    ):
        try:
            wait(lambda: listening(port), 30)
            yield Server("listener", port, process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)


def listening(port: int) -> bool:
    """Whether somebody accepts connections on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def trivial() -> Iterator[Server]:
    """A server that only answers, in a process of its own: what the load itself can do."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", _TRIVIAL, str(port)]) as process:  # noqa: S603 - our own
        try:
            wait(lambda: listening(port), 30)
            yield Server("trivial", port, process.pid)
        finally:
            process.terminate()


def throughput(table: Table, server: Server, total: int, rounds: int) -> None:
    """As fast as it goes: medians of rounds that alternate between kinds and connections."""
    loads: dict[tuple[str, int], list[Load]] = {}
    cpu_us: dict[tuple[str, int], float] = {}
    first = next(_firsts)
    for _ in range(rounds):
        for kind in KINDS:
            for connections in CONNECTIONS:
                share = total // 4 if connections == 1 else total
                before = _cpu_s(server.pid)
                load = bench_load.send(server.port, kind, share, first, connections=connections)
                first += share
                loads.setdefault((kind, connections), []).append(load)
                cpu_us[kind, connections] = (_cpu_s(server.pid) - before) / share * 1e6
    for (kind, connections), found in loads.items():
        rate = statistics.median(len(one.numbers) / one.took_s for one in found)
        load_us = statistics.median(one.cpu_s / len(one.numbers) * 1e6 for one in found)
        _row(
            table,
            (server.name, kind, str(connections), f"{rate:,.0f}"),
            [latency for one in found for latency in one.latencies_s],
            (f"{cpu_us[kind, connections]:,.0f}", f"{load_us:,.0f}"),
        )


def paced(table: Table, server: Server, rate: float, seconds: float) -> None:
    """At a steady rate over 32 connections."""
    for kind in KINDS:
        total, before = int(rate * seconds), _cpu_s(server.pid)
        load = bench_load.send(server.port, kind, total, next(_firsts), connections=32, rate=rate)
        used = ((_cpu_s(server.pid) - before) / total * 1e6, load.cpu_s / total * 1e6)
        told = [f"{each:,.0f}" for each in used]
        _row(table, (server.name, kind, "32", f"{rate:,.0f}"), load.latencies_s, told)


def _cpu_s(pid: int) -> float:
    return sum(bench_cpu.cpu_s(pid).values())


def _row(
    table: Table, first: Sequence[str], latencies_s: Sequence[float], last: Sequence[str]
) -> None:
    p50, p99 = (percentile(latencies_s, q) * 1000 for q in (0.50, 0.99))
    table.add_row(*first, f"{p50:.2f}", f"{p99:.2f}", *last)


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=6000, help="per kind and round")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rate", type=float, default=500, help="messages per second when paced")
    options.add_argument("--seconds", type=float, default=5, help="of each paced run")
    given = options.parse_args()
    names = ("server", "message", "connections", "ACK/s", "ACK p50 ms", "ACK p99 ms")
    table = Table(*names, "server µs", "load µs")
    with trivial() as server:
        throughput(table, server, given.messages, given.rounds)
    with tempfile.TemporaryDirectory() as data, listener(Path(data)) as server:
        bench_load.send(server.port, ADT, 500, next(_firsts), connections=8)
        throughput(table, server, given.messages, given.rounds)
        paced(table, server, given.rate, given.seconds)
    out.print(table)


if __name__ == "__main__":
    main()
