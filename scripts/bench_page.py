"""Measures the SMART app's data: launch → page, and each panel, for a patient with a long record.

    python scripts/bench_page.py [--observations 10000] [--rounds 60]

Starts its own suite on its own ports, puts a synthetic patient's Observations into the sandbox, is
launched as an EHR launches an app, and asks 127.0.0.1 alone. Panels are asked one at a time, as by
one page: every figure is a whole answer, read from the EHR and scored anew.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from rich.progress import track
from rich.table import Table

from bench import out, percentile
from bench_suite import suite
from wherry.adapters.clock import SystemClock
from wherry.codec import encode

PATIENT = "bench-long-record"
PANELS = ("summary", "patient", "scores", "trend", "series?hours=24", "series", "alerts")
AIM_MS = 150
_CODES = (
    *(
        ("8867-4", "/min", 90),
        ("9279-1", "/min", 18),
        ("59408-5", "%", 95),
        ("8480-6", "mm[Hg]", 118),
    ),
    *(
        ("8462-4", "mm[Hg]", 70),
        ("8310-5", "Cel", 37),
        ("2524-7", "mmol/L", 1),
        ("2160-0", "mg/dL", 1),
    ),
)
_AT_ONCE = 500


def main() -> None:
    """Fill, launch, ask, print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--observations", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=60)
    options.add_argument("--port-offset", type=int, default=23500)
    given = options.parse_args()
    os.environ["WHERRY_EHR_TEST_SEAM"] = "true"  # noqa: TID251 - for the child: launches without clicks
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        place, offset = Path(folder), given.port_offset
        with suite(place, offset):
            ehr, smart = (f"http://127.0.0.1:{port + offset}" for port in (8100, 8105))
            fill(ehr, (place / "fhir-token").read_text().strip(), given.observations)
            browser, path, opened_s = launched(ehr, smart)
            waits = measured(browser, f"{smart}{path}api/", given.rounds)
    report(given.observations, opened_s, waits)


def fill(ehr: str, token: str, observations: int) -> None:
    """The patient and the record, in transactions as a feed's worker would write them."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    patient = {
        "resourceType": "Patient",
        "id": PATIENT,
        "birthDate": "1950-02-03",
        "name": [{"family": "Testperson"}],
    }
    made = [patient, *(observation(number) for number in range(observations))]
    parts = range(0, len(made), _AT_ONCE)
    for start in track(parts, description="filling", console=out, transient=True):
        entries = [
            {
                "resource": one,
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for one in made[start : start + _AT_ONCE]
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        with requests.Session() as web:
            answer = web.post(f"{ehr}/fhir", data=encode(bundle), headers=headers, timeout=60)
        answer.raise_for_status()


def observation(number: int) -> dict[str, Any]:
    """One of eight kinds, a few minutes after the one before, the last one just now."""
    code, unit, value = _CODES[number % len(_CODES)]
    at = SystemClock().now() - timedelta(minutes=3 * (number // len(_CODES)))
    return {
        "resourceType": "Observation",
        "id": f"bench-{number}",
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}], "text": code},
        "subject": {"reference": f"Patient/{PATIENT}"},
        "effectiveDateTime": at.isoformat(timespec="seconds"),
        "valueQuantity": {
            "value": value + number % 7,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def launched(ehr: str, smart: str) -> tuple[requests.Session, str, float]:
    """A browser with a session, its path, and how long it took from the EHR to the page."""
    browser = requests.Session()  # a browser follows redirects
    seam = f"{ehr}/auth/test"
    signed = browser.post(f"{seam}/session", json={"clinician": "sandbox-clinician-1"}, timeout=20)
    signed.raise_for_status()
    asked = {"client_id": "wherry-smart", "patient": PATIENT}
    made = browser.post(f"{seam}/launches", json=asked, timeout=20)
    made.raise_for_status()
    begin = time.perf_counter()
    page = browser.get(made.json()["launch_url"], timeout=20)
    opened_s = time.perf_counter() - begin
    found = re.fullmatch(rf"{re.escape(smart)}(/app/[^/]+/)", page.url)
    if page.status_code != requests.codes.ok or found is None:
        sys.exit(f"the app did not open: {page.status_code} at {page.url.partition('?')[0]}")
    return browser, found[1], opened_s


def measured(browser: requests.Session, api: str, rounds: int) -> dict[str, list[float]]:
    """Seconds of each answer, by panel."""
    waits: dict[str, list[float]] = {panel: [] for panel in PANELS}
    for _ in track(range(rounds), description="asking", console=out, transient=True):
        for panel, found in waits.items():
            found.append(_timed(browser, f"{api}{panel}"))
    return waits


def _timed(browser: requests.Session, address: str) -> float:
    begin = time.perf_counter()
    answer = browser.get(address, timeout=20)
    taken_s = time.perf_counter() - begin
    answer.raise_for_status()
    return taken_s


def report(observations: int, opened_s: float, waits: dict[str, list[float]]) -> None:
    """The figures beside the aim."""
    table = Table("panel", "p50 ms", "p99 ms", "aim p99 ms")
    for panel, found in waits.items():
        figures = (f"{percentile(found, share) * 1000:.0f}" for share in (0.5, 0.99))
        table.add_row(panel, *figures, str(AIM_MS))
    out.print(f"[bold]The app's data for a patient with {observations:,} Observations")
    out.print(table)
    out.print(f"Launch from the EHR to the page's first byte: {opened_s * 1000:.0f} ms (aim 2000)")


if __name__ == "__main__":
    main()
