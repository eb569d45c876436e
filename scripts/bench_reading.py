"""Measures reading a message: ours lazily and with every field read, beside other readers.

    python scripts/bench_reading.py

Microseconds a message on one core, medians of five rounds. Not a test: nothing here fails.
"""

import statistics
import time
from collections.abc import Callable

from hl7apy.parser import parse_message
from rich.console import Console
from rich.table import Table

import hl7
from bench_load import KINDS, stamp
from wherry.hl7.message import Message

_ROUNDS = 5
_SLOW = "hl7apy"


def readers() -> dict[str, Callable[[bytes], object]]:
    """Our reader and its peers."""
    return {
        "wherry": Message.parse,
        "wherry, every field read": read_all,
        "python-hl7": lambda data: hl7.parse(data.decode()),
        _SLOW: lambda data: parse_message(data.decode(), find_groups=False),
    }


def read_all(data: bytes) -> int:
    """Parse and read the text of every field."""
    segments = Message.parse(data).segments
    return sum(len(segment[i].text) for segment in segments for i in range(1, len(segment) + 1))


def reading() -> Table:
    """A row for each reader."""
    table = Table("reader", *(f"{name} µs" for name in KINDS))
    samples = [make(1, 1, stamp(1)) for make in KINDS.values()]
    for name, read in readers().items():
        times = [_median_us(read, data, 3 if name == _SLOW else 200) for data in samples]
        table.add_row(name, *(f"{each:,.0f}" for each in times))
    return table


def _median_us(read: Callable[[bytes], object], data: bytes, times: int) -> float:
    rounds = []
    for _ in range(_ROUNDS):
        begin_s = time.perf_counter()
        for _ in range(times):
            read(data)
        rounds.append((time.perf_counter() - begin_s) / times * 1e6)
    return statistics.median(rounds)


if __name__ == "__main__":
    out = Console()
    out.print("[bold]Reading a message")
    out.print(reading())
