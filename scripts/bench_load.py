"""A load of MLLP messages, sent by a process of its own: connections that wait for each answer.

    python scripts/bench_load.py PORT KIND MESSAGES --connections 32 --rate 500 --first 1

Messages are made before the clock starts. The result is one JSON object on stdout: for each message
its number, when it was sent (or was due, if its connection was still waiting then) and when its
answer was there, in seconds of the machine's monotonic clock; and the seconds of CPU that it took.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvloop

import bench_messages

KINDS = {"ADT^A08": bench_messages.adt, "ORU^R01 (20 OBX)": bench_messages.oru}
PATIENTS = 400
_START, _END = b"\x0b", b"\x1c\r"
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Load:
    """What one load did: by message its number, begin and end in seconds, and the CPU it cost."""

    numbers: list[int]
    begun_s: list[float]
    ended_s: list[float]
    cpu_s: float

    @property
    def latencies_s(self) -> list[float]:
        """Seconds from each message to its answer."""
        return [end - begin for begin, end in zip(self.begun_s, self.ended_s, strict=True)]

    @property
    def took_s(self) -> float:
        """Seconds from the first message to the last answer."""
        return max(self.ended_s) - min(self.begun_s)


def send(
    port: int, kind: str, messages: int, first: int, *, connections: int = 32, rate: float = 0.0
) -> Load:
    """Run a load in a process of its own and wait for it; exits when a message was not accepted."""
    command = [sys.executable, str(Path(__file__)), str(port), kind, str(messages)]
    command += ["--first", str(first), "--connections", str(connections), "--rate", str(rate)]
    ended = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own
    if ended.returncode:
        sys.exit("the load was not taken")
    return Load(**json.loads(ended.stdout))


@dataclass(slots=True)
class _Book:
    """What all connections write down."""

    left: int
    done: asyncio.Future[None]
    numbers: list[int] = field(default_factory=list)
    begun_s: list[float] = field(default_factory=list)
    ended_s: list[float] = field(default_factory=list)

    def note(self, number: int, begun_s: float) -> None:
        self.numbers.append(number)
        self.begun_s.append(begun_s)
        self.ended_s.append(time.monotonic())
        self.left -= 1
        if not self.left:
            self.done.set_result(None)

    def fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(RuntimeError(why))


class _Connection(asyncio.Protocol):
    """One sender: sends, waits for the answer, sends the next, at once or when it is due."""

    def __init__(self, messages: Sequence[tuple[int, bytes]], book: _Book, pace_s: float) -> None:
        self._messages = messages
        self._book = book
        self._pace_s = pace_s
        self._at = 0
        self._due_s = self._begun_s = 0.0
        self._held = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def begin(self, at_s: float) -> None:
        """Send the first message, at this time."""
        self._due_s = at_s
        if self._messages:
            self._next()

    def data_received(self, data: bytes) -> None:
        self._held += data
        if not self._held.endswith(_END):
            return
        answer, self._held = self._held, b""
        if b"MSA|AA|" not in answer:
            self._book.fail("a message was not accepted")
            return
        self._book.note(self._messages[self._at][0], self._begun_s)
        self._at += 1
        if self._at < len(self._messages):
            self._due_s += self._pace_s
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._at < len(self._messages):
            self._book.fail("a connection was closed")

    def _next(self) -> None:
        now_s = time.monotonic()
        if self._pace_s and self._due_s > now_s:
            asyncio.get_running_loop().call_later(self._due_s - now_s, self._send)
        else:
            self._send(late=True)

    def _send(self, *, late: bool = False) -> None:
        # a sender that wakes up late is not the receiver's doing, one that still waits is
        self._begun_s = self._due_s if late and self._pace_s else time.monotonic()
        self._transport.write(self._messages[self._at][1])


async def _run(given: argparse.Namespace) -> Load:
    make = KINDS[given.kind]
    numbers = range(given.first, given.first + given.messages)
    messages = [(n, _START + make(n, n % PATIENTS, stamp(n)) + _END) for n in numbers]
    loop = asyncio.get_running_loop()
    book = _Book(len(messages), loop.create_future())
    pace_s = given.connections / given.rate if given.rate else 0.0
    made = [
        _Connection(messages[n :: given.connections], book, pace_s)
        for n in range(given.connections)
    ]
    for one in made:
        await loop.create_connection(partial(_same, one), "127.0.0.1", given.port)
    cpu_s, begin_s = time.process_time(), time.monotonic() + (0.05 if pace_s else 0.0)
    for n, one in enumerate(made):
        one.begin(begin_s + n * pace_s / given.connections)
    await book.done
    return Load(book.numbers, book.begun_s, book.ended_s, time.process_time() - cpu_s)


def _same(one: _Connection) -> _Connection:
    return one


def stamp(n: int) -> str:
    """A message time with an offset, later for each number, so that every message is news."""
    return (_BEGIN + timedelta(seconds=n)).strftime("%Y%m%d%H%M%S+0000")


def main() -> None:
    """Send what the command line says and print what came of it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("kind", choices=KINDS)
    options.add_argument("messages", type=int)
    options.add_argument("--connections", type=int, default=32)
    options.add_argument("--rate", type=float, default=0.0, help="messages a second; 0: no pace")
    options.add_argument("--first", type=int, default=1, help="number of the first message")
    load: Any = uvloop.run(_run(options.parse_args()))
    json.dump({name: getattr(load, name) for name in Load.__dataclass_fields__}, sys.stdout)


if __name__ == "__main__":
    main()
