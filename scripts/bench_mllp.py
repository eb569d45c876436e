"""Measures the MLLP listener alone: durable commits to SQLite before each ACK, and no worker.

    python scripts/bench_mllp.py [--messages 6000] [--rate 200]

`bench.py` measures the whole way. Here the listener has a data directory of its own and no Redis:
tickets are hints, and their absence is part of what it has to bear.
"""

import argparse
import asyncio
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from rich.table import Table

from bench import KINDS, MakeMessage, numbers, out, parsing, percentile, stamp, talk, wait
from wherry.adapters.migrate import upgrade
from wherry.suite.addresses import free_port

CONNECTIONS = (1, 8, 32)


@contextmanager
def listener(data: Path) -> Iterator[int]:
    """The listener process on free ports, with a new inbox in `data`; yields its MLLP port."""
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
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=15)


def listening(port: int) -> bool:
    """Whether somebody accepts connections on this port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def load(
    port: int, make: MakeMessage, total: int, connections: int, pace_s: float = 0.0
) -> tuple[float, list[float]]:
    """Send `total` messages, each connection waiting for its ACKs; seconds, and seconds per ACK."""
    messages = [make(n, n % 400, stamp()) for n in (next(numbers) for _ in range(total))]
    latencies: list[float] = []

    async def all_of_them() -> None:
        parts = (messages[i::connections] for i in range(connections))
        await asyncio.gather(*(talk(port, part, latencies, pace_s) for part in parts))

    began = time.perf_counter()
    uvloop.run(all_of_them())
    return time.perf_counter() - began, latencies


def throughput(port: int, total: int, rounds: int) -> Table:
    """As fast as it goes: medians of rounds that alternate between the connection counts."""
    table = Table("message", "connections", "ACK/s", "ACK p50 ms", "ACK p99 ms")
    for name, make in KINDS.items():
        rates: dict[int, list[float]] = {n: [] for n in CONNECTIONS}
        times: dict[int, list[float]] = {n: [] for n in CONNECTIONS}
        for _ in range(rounds):
            for connections in CONNECTIONS:
                share = total // 4 if connections == 1 else total
                took_s, latencies = load(port, make, share, connections)
                rates[connections].append(share / took_s)
                times[connections] += latencies
        for connections in CONNECTIONS:
            _row(table, (name, str(connections), f"{statistics.median(rates[connections]):,.0f}"),
                 times[connections])  # fmt: skip
    return table


def paced(port: int, rate: float, seconds: float) -> Table:
    """At a steady rate over four connections, from when each message was due."""
    table = Table("message", "rate/s", "ACK p50 ms", "ACK p99 ms")
    for name, make in KINDS.items():
        _, latencies = load(port, make, int(rate * seconds), 4, 4 / rate)
        _row(table, (name, f"{rate:,.0f}"), latencies)
    return table


def _row(table: Table, first: tuple[str, ...], latencies: list[float]) -> None:
    p50, p99 = (percentile(latencies, q) * 1000 for q in (0.50, 0.99))
    table.add_row(*first, f"{p50:.2f}", f"{p99:.2f}")


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=6000, help="per kind and round")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--rate", type=float, default=200, help="messages per second when paced")
    options.add_argument("--seconds", type=float, default=5, help="of each paced run")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as data, listener(Path(data)) as port:
        load(port, KINDS["ADT^A08"], 500, 8)
        out.print(throughput(port, given.messages, given.rounds))
        out.print(paced(port, given.rate, given.seconds))
    out.print(parsing(given.rounds))


if __name__ == "__main__":
    main()
