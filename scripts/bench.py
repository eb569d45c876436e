"""Measures the way of a message on this machine: MLLP to ACK, MLLP to committed FHIR, parsing.

Starts its own suite on its own ports with its own data directory, sends only to 127.0.0.1, and
prints medians. Not a test: nothing here fails when a number is low.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from hl7apy.parser import parse_message
from rich.console import Console
from rich.table import Table

import bench_messages
import hl7
from bench_suite import suite
from wherry.hl7.message import Message

MakeMessage = Callable[[int, int, str], bytes]
KINDS: dict[str, MakeMessage] = {
    "ADT^A08": bench_messages.adt,
    "ORU^R01 (20 OBX)": bench_messages.oru,
}
START, END = b"\x0b", b"\x1c\r"
PATIENTS = 400
numbers = count(1)
out = Console()


@dataclass(frozen=True, slots=True)
class Run:
    """What one load did: seconds per ACK, and seconds for the whole."""

    latencies_s: list[float]
    acked_s: float
    committed_s: float


def wait(done: Callable[[], bool], limit_s: float) -> None:
    """Wait until `done` or give up loudly."""
    end = time.monotonic() + limit_s
    while not done():
        if time.monotonic() > end:
            sys.exit("gave up waiting: the suite did not get there in time")
        time.sleep(0.2)


def unfinished(offset: int) -> int:
    """Messages kept but neither done nor aside."""
    url = f"http://127.0.0.1:{8101 + offset}/v1/inbox/stats"
    with urllib.request.urlopen(url, timeout=5) as answer:
        stats = json.load(answer)
    states = stats["counts"].get("hl7", {})
    return int(states.get("waiting", 0) + states.get("claimed", 0))


def stamp() -> str:
    """A message time with an offset, later at each call, so that every message is news."""
    n = next(numbers)
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n)
    return moment.strftime("%Y%m%d%H%M%S+0000")


async def talk(port: int, messages: list[bytes], latencies: list[float], pace_s: float) -> None:
    """One connection: send, wait for the ACK, next; paced when `pace_s` is not zero."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begin = time.perf_counter()
    for i, message in enumerate(messages):
        due = begin + i * pace_s
        if pace_s and (rest := due - time.perf_counter()) > 0:
            await asyncio.sleep(rest)
        sent = due if pace_s else time.perf_counter()
        writer.write(START + message + END)
        answer = await reader.readuntil(END)
        latencies.append(time.perf_counter() - sent)
        if b"MSA|AA|" not in answer:
            sys.exit("a message was not accepted")
    writer.close()
    await writer.wait_closed()


def load(offset: int, make: MakeMessage, total: int, connections: int, rate: float = 0) -> Run:
    """Send `total` messages over `connections`; `rate` in messages per second, 0 for no pace."""
    messages = [make(n, n % PATIENTS, stamp()) for n in (next(numbers) for _ in range(total))]
    parts = [messages[i::connections] for i in range(connections)]
    latencies: list[float] = []
    pace_s = connections / rate if rate else 0.0

    async def all_of_them() -> None:
        port = 2575 + offset
        await asyncio.gather(*(talk(port, part, latencies, pace_s) for part in parts))

    begin = time.perf_counter()
    asyncio.run(all_of_them())
    acked = time.perf_counter() - begin
    wait(lambda: unfinished(offset) == 0, 300)
    return Run(latencies, acked, time.perf_counter() - begin)


def percentile(values: list[float], q: float) -> float:
    """The q-th percentile (0 to 1) of the values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def throughput(offset: int, total: int, connections: int, rounds: int) -> Table:
    """MLLP to ACK and MLLP to committed FHIR, medians over the rounds."""
    table = Table("message", "connections", "ACK/s", "ACK p50 ms", "ACK p99 ms", "committed/s")
    for name, make in KINDS.items():
        load(offset, make, total // 10, connections)
        runs = [load(offset, make, total, connections) for _ in range(rounds)]
        latencies = [value for run in runs for value in run.latencies_s]
        table.add_row(
            name,
            str(connections),
            f"{statistics.median(total / run.acked_s for run in runs):,.0f}",
            f"{percentile(latencies, 0.50) * 1000:.1f}",
            f"{percentile(latencies, 0.99) * 1000:.1f}",
            f"{statistics.median(total / run.committed_s for run in runs):,.0f}",
        )
    return table


def paced(offset: int, rate: float, seconds: float) -> Table:
    """ACK latency while messages arrive at a steady rate, measured from when each was due."""
    table = Table("message", "rate/s", "ACK p50 ms", "ACK p99 ms", "kept up")
    for name, make in KINDS.items():
        run = load(offset, make, int(rate * seconds), 4, rate)
        table.add_row(
            name,
            f"{rate:,.0f}",
            f"{percentile(run.latencies_s, 0.50) * 1000:.2f}",
            f"{percentile(run.latencies_s, 0.99) * 1000:.2f}",
            "yes" if run.committed_s < seconds * 1.2 else f"drained after {run.committed_s:.1f} s",
        )
    return table


def parsers() -> dict[str, Callable[[bytes], object]]:
    """Our reader and its peers; ours both lazily and with every field read."""
    return {
        "wherry": Message.parse,
        "wherry, every field read": read_all,
        "python-hl7": lambda data: hl7.parse(data.decode()),
        "hl7apy": lambda data: parse_message(data.decode(), find_groups=False),
    }


def read_all(data: bytes) -> int:
    """Parse and read the text of every field."""
    segments = Message.parse(data).segments
    return sum(len(segment[i].text) for segment in segments for i in range(1, len(segment) + 1))


def parsing(rounds: int) -> Table:
    """Microseconds per message, interleaved, medians."""
    table = Table("reader", *(f"{name} µs" for name in KINDS))
    samples = {name: make(1, 1, stamp()) for name, make in KINDS.items()}
    for reader, parse in parsers().items():
        row = []
        for data in samples.values():
            repeat = 3 if reader == "hl7apy" else 200
            times = []
            for _ in range(rounds):
                begin = time.perf_counter()
                for _ in range(repeat):
                    parse(data)
                times.append((time.perf_counter() - begin) / repeat * 1e6)
            row.append(f"{statistics.median(times):,.0f}")
        table.add_row(reader, *row)
    return table


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--messages", type=int, default=3000, help="per kind and round")
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--port-offset", type=int, default=20000)
    chosen = options.parse_args()
    out.print("[bold]Reading a message")
    out.print(parsing(5))
    offset = chosen.port_offset
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder, suite(Path(folder), offset):
        out.print("[bold]As fast as it goes (suite, load and database on this machine)")
        out.print(throughput(offset, chosen.messages, chosen.connections, chosen.rounds))
        out.print("[bold]At 200 messages a second")
        out.print(paced(offset, 200, 15))


if __name__ == "__main__":
    main()
