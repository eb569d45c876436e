"""Measures the time from a durable ACK to committed FHIR while messages arrive at a steady rate.

    python scripts/bench_latency.py [--rate 100] [--seconds 20] [--port-offset 20000]

Starts its own suite. When a message is committed is read in the store's log: the Provenance of each
message names its control id, and `meta.lastUpdated` says when the store began to write it. The rest
of that transaction and its fsync come after it and are not in the figures.
"""

import argparse
import json
import sqlite3
import tempfile
import time
from pathlib import Path

from rich.table import Table

from bench import Bench, out, percentile
from bench_load import KINDS
from bench_suite import suite


def load(suite_: Bench, kind: str, rate: float, seconds: float) -> dict[str, float]:
    """Send at this rate; by control id, when the ACK was here, in seconds since 1970."""
    since_1970_s = time.time() - time.monotonic()
    sent = suite_.run(kind, int(rate * seconds), rate).load
    pairs = zip(sent.numbers, sent.ended_s, strict=True)
    return {f"B{number:08d}": ended_s + since_1970_s for number, ended_s in pairs}


def written(database: Path) -> dict[str, float]:
    """By control id, when the store wrote the record of the message."""
    asked = "SELECT v.updated, v.body FROM fhir_version v JOIN fhir_resource r USING (rid)"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as store:
        rows = store.execute(f"{asked} WHERE r.type = 'Provenance' AND v.vid = 1").fetchall()
    found = {}
    for updated, body in rows:
        for entity in json.loads(body).get("entity", ()):
            found[entity["what"].get("identifier", {}).get("value", "")] = updated / 1e6
    return found


def main() -> None:
    """Both kinds at this rate; a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=100)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--port-offset", type=int, default=20000)
    chosen = options.parse_args()
    table = Table("message", "rate/s", "p50 ms", "p90 ms", "p99 ms", "longest ms", "measured")
    offset = chosen.port_offset
    with (
        tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder,
        suite(Path(folder), offset) as pid,
    ):
        running = Bench(pid, 2575 + offset, Path(folder) / "wherry.db")
        for name in KINDS:
            load(running, name, chosen.rate, 2)
            acked = load(running, name, chosen.rate, chosen.seconds)
            stored = written(next(Path(folder).glob("**/ehr.db")))
            late = [(stored[key] - at) * 1000 for key, at in acked.items() if key in stored]
            figures = [f"{percentile(late, q):,.1f}" for q in (0.5, 0.9, 0.99, 1.0)]
            table.add_row(name, f"{chosen.rate:,.0f}", *figures, f"{len(late)} of {len(acked)}")
    out.print(table)


if __name__ == "__main__":
    main()
