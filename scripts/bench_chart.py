"""Measures how long a clinician waits for a chart with its card: chart open → card, in the sandbox.

Starts its own suite with the demo's synthetic patients on free ports; asks only 127.0.0.1.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests
from rich.table import Table

from bench import out, percentile
from bench_suite import suite

CARD = re.compile(r"NEWS2 \d+|in hospital|% ", re.IGNORECASE)


def charts(base: str) -> tuple[list[str], list[float]]:
    """The addresses of all charts in the sandbox, after signing in as its first clinician."""
    browser = requests.Session()  # a browser follows redirects
    door = f"{base}/chart/_session"
    names = re.findall(r'name="clinician" value="([^"]+)"', browser.get(door).text)
    signed_in = browser.post(door, data={"clinician": names[0]}, headers={"Origin": base})
    signed_in.raise_for_status()
    listing = browser.get(f"{base}/chart").text
    found = sorted(set(re.findall(r'href="(/chart/[0-9a-f]{16,})"', listing)))
    waits = []
    for path in found * 4:
        begin = time.perf_counter()
        answer = browser.get(base + path)
        waits.append(time.perf_counter() - begin)
        answer.raise_for_status()
        if not CARD.search(answer.text):
            sys.exit("a chart came without its card")
    return found, waits


def main() -> None:
    """Play the demo, open every chart four times, print the wait."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port-offset", type=int, default=22500)
    offset = options.parse_args().port_offset
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder, suite(Path(folder), offset):
        demo = [sys.executable, "-m", "wherry", "demo", "--data", folder]
        subprocess.run(  # noqa: S603 - our own command, no shell
            [*demo, "--port-offset", str(offset)], check=True, capture_output=True
        )
        found, waits = charts(f"http://127.0.0.1:{8100 + offset}")
    table = Table("charts", "opened", "p50 ms", "p99 ms")
    table.add_row(
        str(len(found)),
        str(len(waits)),
        f"{percentile(waits, 0.5) * 1000:.0f}",
        f"{percentile(waits, 0.99) * 1000:.0f}",
    )
    out.print("[bold]Chart open → chart with card (hook, score and page)")
    out.print(table)


if __name__ == "__main__":
    main()
