"""A load of CDS Hooks calls, sent by a process of its own at a rate, whoever is still waiting.

    python scripts/bench_cds_load.py PORT PATH FILE --rate 100 --seconds 10

FILE has one call a line: bearer, a tab, the body; all are made before the clock starts. The result
is one JSON object on stdout: milliseconds from the moment each call was due to its whole answer,
how often each status came, how many cards, and the seconds of CPU that the load itself took.
"""

import argparse
import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

LANES = 32
_END = b"\r\n\r\n"


@dataclass(slots=True)
class Load:
    """What one load found."""

    taken_ms: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    cards: int = 0
    cpu_s: float = 0.0


def send(port: int, path: str, calls: Path, *, rate: int, seconds: int) -> Load:
    """Run a load in a process of its own and wait for it."""
    command = [sys.executable, __file__, str(port), path, str(calls)]
    command += ["--rate", str(rate), "--seconds", str(seconds)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own
    return Load(**json.loads(done.stdout))


def prepared(path: str, line: bytes) -> bytes:
    """One request as it goes over the wire."""
    bearer, _, body = line.partition(b"\t")
    signed = b"Authorization: Bearer " + bearer + b"\r\n" if bearer else b""
    return (
        b"POST " + path.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Content-Type: application/json\r\n" + signed + b"Content-Length: "
        + str(len(body)).encode() + _END + body
    )  # fmt: skip


def answered(connection: socket.socket) -> tuple[str, bytes]:
    """Status and body of one answer."""
    held = b""
    while _END not in held:
        held += _more(connection)
    head, _, body = held.partition(_END)
    fields = dict(one.lower().split(b":", 1) for one in head.split(b"\r\n")[1:])
    length = int(fields[b"content-length"])
    while len(body) < length:
        body += _more(connection)
    return head.split(b" ", 2)[1].decode(), body


def _more(connection: socket.socket) -> bytes:
    found = connection.recv(65_536)
    if not found:
        raise ConnectionError("closed in the middle of an answer")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("calls", type=Path)
    parser.add_argument("--rate", type=int, required=True)
    parser.add_argument("--seconds", type=int, required=True)
    given = parser.parse_args()
    lines = given.calls.read_bytes().splitlines()[: given.rate * given.seconds]
    wire = [prepared(given.path, line) for line in lines]
    sys.stdout.write(json.dumps(run(given.port, wire, given.rate)))


def run(port: int, wire: list[bytes], rate: int) -> dict[str, object]:
    """Send each when it is due, on whichever lane is its own."""
    taken_ms: list[float] = []
    statuses: Counter[str] = Counter()
    cards = [0]
    began = time.perf_counter() + 0.3

    def lane(first: int) -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for n in range(first, len(wire), LANES):
                due = began + n / rate
                time.sleep(max(0.0, due - time.perf_counter()))
                connection.sendall(wire[n])
                status, body = answered(connection)
                taken_ms.append((time.perf_counter() - due) * 1000)
                statuses[status] += 1
                cards[0] += body.count(b'"indicator"')

    threads = [threading.Thread(target=lane, args=(n,)) for n in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "taken_ms": taken_ms,
        "statuses": dict(statuses),
        "cards": cards[0],
        "cpu_s": time.process_time(),
    }


if __name__ == "__main__":
    main()
