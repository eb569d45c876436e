"""Measures the SMART app in a browser: launch to the score on the screen, script, memory.

    python scripts/bench_app.py [--launches 12] [--minutes 60]

Starts its own suite on its own ports and is launched as an EHR launches an app, each time in a
browser profile that has nothing kept. For live updates a minute takes a second; memory is the
JavaScript heap after a collection. Without Chromium it says so.
"""

import argparse
import gzip
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.progress import track
from rich.table import Table

from bench import out
from bench_page import PATIENT, fill
from bench_suite import suite
from wherry.testing.browser import ARGUMENTS, chromium

BUILT = Path(__file__).parents[1] / "smart-app" / "dist" / "assets"
AIM_S, AIM_BYTES = 2.0, 60_000
FASTER = """
const slow = window.setInterval;
window.setInterval = (work, ms, ...more) => slow(work, ms / 60, ...more);
"""
"""A minute becomes a second for whatever the page does every so often."""
WINDOW = 10
"""Minutes of which the least counts: between two of them some answers are still in the air."""


def main() -> None:
    """Fill, launch, let time pass, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--launches", type=int, default=12)
    options.add_argument("--minutes", type=int, default=60)
    options.add_argument("--observations", type=int, default=400)
    options.add_argument("--port-offset", type=int, default=24500)
    given = options.parse_args()
    path = chromium()
    if not path:
        out.print("The app in a browser is not measured: no Chromium on PATH.")
        sys.exit(0)
    os.environ["WHERRY_EHR_TEST_SEAM"] = "true"  # noqa: TID251 - for the child: launches without clicks
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        place = Path(folder)
        with suite(place, given.port_offset), sync_playwright() as playwright:
            ehr = f"http://127.0.0.1:{8100 + given.port_offset}"
            fill(ehr, (place / "fhir-token").read_text().strip(), given.observations)
            browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
            waits = [launched(browser, ehr) for _ in seen(given.launches, "launching")]
            heaps = heap_by_minute(browser, ehr, given.minutes)
            browser.close()
    report(waits, heaps)


def launched(browser: Browser, ehr: str) -> float:
    """Seconds from the launch to the score on the screen, in a profile that is new."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    address, page = handed(context, ehr), context.new_page()
    begin = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.locator(".big").first.wait_for()
    taken_s = time.perf_counter() - begin
    context.close()
    return taken_s


def heap_by_minute(browser: Browser, ehr: str, minutes: int) -> list[int]:
    """Bytes of the JavaScript heap after each minute of the page's own clock."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    address, page = handed(context, ehr), context.new_page()
    page.add_init_script(FASTER)
    page.goto(address)
    page.locator(".big").first.wait_for()
    tool = context.new_cdp_session(page)
    found = [_minute(page, tool) for _ in seen(minutes, "letting time pass")]
    context.close()
    return found


def _minute(page: Page, tool: Any) -> int:
    page.wait_for_event("response", lambda answer: answer.url.endswith("/api/summary"))
    tool.send("HeapProfiler.collectGarbage")
    return int(tool.send("Runtime.getHeapUsage")["usedSize"])


def handed(context: BrowserContext, ehr: str) -> str:
    """A launch address from the EHR for somebody who is signed in in this profile."""
    seam = f"{ehr}/auth/test"
    who = {"clinician": "sandbox-clinician-1"}
    signed = context.request.post(f"{seam}/session", data=who)
    made = context.request.post(
        f"{seam}/launches", data={"client_id": "wherry-smart", "patient": PATIENT}
    )
    if not signed.ok or not made.ok:
        sys.exit(f"the app was not launched: {signed.status}, {made.status}")
    return str(made.json()["launch_url"])


def seen(count: int, what: str) -> Any:
    """That many rounds, with their progress shown."""
    return track(range(count), description=what, console=out, transient=True)


def script_bytes() -> int:
    """The page's script as it is sent: gzip, all files."""
    return sum(len(gzip.compress(each.read_bytes(), 9)) for each in BUILT.glob("*.js"))


def report(waits: list[float], heaps: list[int]) -> None:
    """The figures beside the aims."""
    table = Table("what", "measured", "aim")
    half, most = statistics.median(waits), max(waits)
    table.add_row(
        f"launch to the score on the screen, median of {len(waits)}", f"{half:.2f} s", f"{AIM_S} s"
    )
    table.add_row("the slowest of them", f"{most:.2f} s", "")
    table.add_row("script, gzip", f"{script_bytes() / 1000:.1f} kB", f"{AIM_BYTES / 1000:.0f} kB")
    if len(heaps) >= 2 * WINDOW:
        first, last = min(heaps[:WINDOW]), min(heaps[-WINDOW:])
        table.add_row(
            f"heap, the least of the first and last {WINDOW} of {len(heaps)} minutes",
            f"{first / 1e6:.2f} and {last / 1e6:.2f} MB",
            "stable",
        )
    out.print("[bold]The app in a browser")
    out.print(table)


if __name__ == "__main__":
    main()
