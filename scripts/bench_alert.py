"""Measures how long a reading at home takes to become FHIR, and then an alert, at a steady rate.

    python scripts/bench_alert.py [--rate 5] [--seconds 30] [--port-offset 22000]

Starts its own suite. Each payload has all vital signs of another ill person: it is posted when it
is due, whether the one before was answered or not, and a latency counts from when it was due. When
the store began to write the last Observation and the RiskAssessment of NEWS2 is read in its own
log. The risk worker waits until a patient is quiet: `WHERRY_RISK_QUIET_S`, 3 s unless set, is in
the last figure.
"""

import argparse
import json
import sqlite3
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.table import Table

from bench import out, percentile, wait
from bench_device_payloads import vital_signs
from bench_devices import bind
from bench_suite import suite
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.suite.addresses import Addresses
from wherry.suite.demo.web import Service

SOURCE, MODEL = "openmhealth", "news2"
SENDERS = 16
BORN = "1950-01-01"
WITHIN_S = 60.0
MEASURED_BEFORE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Sent:
    """One payload: whose it is, when it was due and when 202 was there, seconds since 1970."""

    patient: str
    due_s: float
    kept_s: float


def owners(at: Addresses, token: str, devices: Service, count: int) -> list[str]:
    """New patients, each with an account of their own: account-<number>."""
    with session(token=token) as web:
        fhir = HttpFhir(at.fhir, web)
        found = []
        for n in range(count):
            patient = fhir.create(
                {"resourceType": "Patient", "name": [{"family": f"Bench {n}"}], "birthDate": BORN}
            )
            bind(devices, SOURCE, "account", f"account-{n}", patient)
            found.append(patient)
    return found


def paced(devices: Service, patients: Sequence[str], rate: float) -> list[Sent]:
    """One payload for each patient, `rate` of them a second."""
    begin_s = time.time() + 0.5

    def one(n: int) -> Sent:
        due_s = begin_s + n / rate
        time.sleep(max(0.0, due_s - time.time()))
        measured = datetime.fromtimestamp(due_s, UTC).replace(microsecond=0) - MEASURED_BEFORE
        devices.post(f"/v1/sources/{SOURCE}", vital_signs(n, f"account-{n}", measured))
        return Sent(patients[n], due_s, time.time())

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(one, range(len(patients))))


def stored(database: Path) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """By patient, when the last Observation and the first assessment of NEWS2 were written."""
    asked = "SELECT v.updated, v.body FROM fhir_version v JOIN fhir_resource r USING (rid)"
    observed: dict[str, float] = {}
    assessed: dict[str, float] = {}
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as store:
        for updated, body in store.execute(f"{asked} WHERE r.type = 'Observation'"):
            patient = _patient(json.loads(body))
            observed[patient] = max(observed.get(patient, 0.0), updated / 1e6)
        for updated, body in store.execute(f"{asked} WHERE r.type = 'RiskAssessment'"):
            told = json.loads(body)
            if MODEL in json.dumps(told.get("method", {})):
                patient = _patient(told)
                assessed[patient] = min(assessed.get(patient, float("inf")), updated / 1e6)
    return observed, assessed


def _patient(resource: Mapping[str, Mapping[str, str]]) -> str:
    return resource["subject"]["reference"].partition("/")[2]


def table(sent: Sequence[Sent], database: Path, rate: float) -> Table:
    """Percentiles of each step, and of how many payloads they are known."""
    observed, assessed = stored(database)
    steps = {
        "kept (202)": [one.kept_s - one.due_s for one in sent],
        "FHIR": [observed[one.patient] - one.due_s for one in sent if one.patient in observed],
        "alert": [assessed[one.patient] - one.due_s for one in sent if one.patient in assessed],
    }
    shown = Table("from due to", "rate/s", "p50 ms", "p95 ms", "p99 ms", "longest ms", "measured")
    for name, late in steps.items():
        figures = [f"{percentile(late, q) * 1000:,.0f}" for q in (0.5, 0.95, 0.99, 1.0)]
        shown.add_row(name, f"{rate:,.0f}", *figures, f"{len(late)} of {len(sent)}")
    return shown


def main() -> None:
    """One rate; a table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=5)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--port-offset", type=int, default=22000)
    chosen = options.parse_args()
    at = Addresses(chosen.port_offset)
    with (
        tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder,
        suite(Path(folder), chosen.port_offset),
    ):
        token = (Path(folder) / "fhir-token").read_text().strip()
        devices = Service("devices", at.url("devices"))
        patients = owners(at, token, devices, int(chosen.rate * chosen.seconds))
        sent = paced(devices, patients, chosen.rate)
        database = next(Path(folder).glob("**/ehr.db"))
        wait(lambda: len(stored(database)[1]) >= len(sent), WITHIN_S)
        devices.close()
        out.print(table(sent, database, chosen.rate))


if __name__ == "__main__":
    main()
