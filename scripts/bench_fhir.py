"""Latency of the sandbox's FHIR API at a steady rate, with 10,000 and 100,000 resources stored.

    python scripts/bench_fhir.py [--sizes 10000 100000] [--rate 50] [--seconds 10] [--folder DIR]

Synthetic data. The EHR runs as a process of its own on a SQLite file, commits durable, and is asked
over HTTP from this one. Requests begin by the clock whether the one before was answered or not, and
a latency counts from when its request was due: a server that falls behind is not spared. `--folder`
keeps the filled stores for another run.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import local
from typing import Any

import requests
from rich.table import Table

from bench import out, percentile
from wherry.codec import encode
from wherry.resource import Resource
from wherry.suite.addresses import free_port
from wherry_ehr.app import create_app
from wherry_ehr.collector import calm
from wherry_ehr.migrate import upgrade
from wherry_ehr.settings import Settings
from wherry_ehr.wiring import wire

OF_PATIENT = 100
"""Resources: the patient, a visit, and observations of 14 codes."""
CODES = [f"{8000 + n}-{n % 10}" for n in range(14)]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
FHIR = {"Content-Type": "application/fhir+json"}

Ask = Callable[[requests.Session, str, int], requests.Response]


def main() -> None:
    """Fill a store for each size, measure, print."""
    options = _options()
    rows: dict[str, list[str]] = {}
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        for size in options.sizes:
            kept = Path(options.folder or folder) / f"fhir-{size}.db"
            patients = _filled(kept, size)
            with _serving(f"sqlite:///{kept}") as base:
                for name, (ask, target) in MEASURED.items():
                    waits = _measured(base, ask, patients, options)
                    rows.setdefault(name, [name, target]).append(_said(waits))
    table = Table(
        "request", "aim", *(f"{size:,} resources: p50 / p99 ms" for size in options.sizes)
    )
    for row in rows.values():
        table.add_row(*row)
    out.print(f"[bold]FHIR API at {options.rate} requests/s, {options.seconds} s each")
    out.print(table)


@contextmanager
def _serving(database: str) -> Iterator[str]:
    """A sandbox EHR around this store, as the suite starts it; its base address."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"),
        *("--workers", "1", "--blocking-threads", "4", "--backpressure", "64"),
        *("--log-level", "warning", "--host", "127.0.0.1", "--port", str(port)),
        "wherry_ehr.wsgi:app",
    ]
    settings = {
        "WHERRY_EHR_DATABASE_URL": database,
        "WHERRY_EHR_OPEN_FHIR": "true",
        "WHERRY_LOG_LEVEL": "warning",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),  # the code that this process runs
    }
    with subprocess.Popen(command, env=settings) as process:  # noqa: S603 - our own
        try:
            _wait(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}/fhir"
        finally:
            process.terminate()


def _wait(address: str) -> None:
    http = requests.Session()
    for _ in range(600):
        try:
            if http.get(address, timeout=2).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.1)
    sys.exit("the EHR did not start, so nothing is measured")


def _read(http: requests.Session, base: str, patient: int) -> requests.Response:
    return http.get(f"{base}/Observation/o-{patient}-{patient % (OF_PATIENT - 2)}")


def _search(http: requests.Session, base: str, patient: int) -> requests.Response:
    code = CODES[patient % len(CODES)]
    return http.get(f"{base}/Observation?patient=p-{patient}&code={LOINC}|{code}")


def _latest(http: requests.Session, base: str, patient: int) -> requests.Response:
    asked = f"patient=p-{patient}&category=vital-signs&_sort=-date&_count=10"
    return http.get(f"{base}/Observation?{asked}")


def _by_name(http: requests.Session, base: str, patient: int) -> requests.Response:
    return http.get(f"{base}/Patient?name=family{patient}&_count=10")


def _by_value(http: requests.Session, base: str, patient: int) -> requests.Response:
    asked = f"code-value-quantity={LOINC}|{CODES[0]}$gt120||/min&patient=p-{patient}"
    return http.get(f"{base}/Observation?{asked}&_include=Observation:subject")


_numbers = count(1)


def _write(http: requests.Session, base: str, patient: int) -> requests.Response:
    """Twenty new observations of one patient, found by identifier before they are made."""
    number = next(_numbers)
    entries = []
    for n in range(20):
        made = _observation(patient, n)
        del made["id"]
        value = f"new-{number}-{n}"
        made["identifier"] = [{"system": "urn:example:bench", "value": value}]
        url = f"Observation?identifier=urn:example:bench|{value}"
        entries.append({"resource": made, "request": {"method": "PUT", "url": url}})
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return http.post(base, data=encode(bundle), headers=FHIR)


MEASURED: dict[str, tuple[Ask, str]] = {
    "read by id": (_read, "p99 < 10"),
    "search by patient and code": (_search, "< 20"),
    "a patient's newest vital signs": (_latest, ""),
    "patients by the start of a name": (_by_name, ""),
    "code and value, with the patient": (_by_value, ""),
    "transaction of 20 new resources": (_write, "p99 < 50"),
}


def _measured(base: str, ask: Ask, patients: int, options: Any) -> list[float]:
    """Seconds from when each request was due to its answer."""
    here = local()
    total, gap = options.rate * options.seconds, 1 / options.rate

    def one(n: int, due: float) -> float:
        if not hasattr(here, "http"):
            here.http = requests.Session()
        wait = due - time.perf_counter()
        if wait > 0:
            time.sleep(wait)
        answer = ask(here.http, base, (n * 7919) % patients)
        if answer.status_code != 200:
            sys.exit(answer.text[:300])
        return time.perf_counter() - due

    with ThreadPoolExecutor(max_workers=8) as pool:
        list(pool.map(one, range(16), [time.perf_counter()] * 16))  # connections are made first
        begin = time.perf_counter() + 0.2
        return list(pool.map(one, range(total), [begin + n * gap for n in range(total)]))


def _filled(path: Path, size: int) -> int:
    """Fill a new store and say how many patients it has."""
    patients = size // OF_PATIENT
    if path.exists():
        return patients
    upgrade(f"sqlite:///{path}")
    deps = wire(Settings(database_url=f"sqlite:///{path}", open_fhir=True))
    client = create_app(deps).test_client()
    calm()
    for start in range(0, patients, 5):
        entries = [
            {
                "resource": one,
                "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"},
            }
            for patient in range(start, min(start + 5, patients))
            for one in _of(patient)
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        answer = client.post("/fhir", data=encode(bundle), content_type=FHIR["Content-Type"])
        if answer.status_code != 200:
            sys.exit(answer.get_data(as_text=True)[:300])
    deps.store.close()
    return patients


def _place(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _of(patient: int) -> Iterator[Resource]:
    yield {
        "resourceType": "Patient",
        "id": f"p-{patient}",
        "identifier": [{"system": "urn:example:mrn", "value": f"{patient}"}],
        "name": [{"family": f"Family{patient}", "given": ["Synthetic"]}],
        "gender": "female",
        "birthDate": "1961-04-02",
    }
    yield {
        "resourceType": "Encounter",
        "id": f"e-{patient}",
        "status": "in-progress",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/p-{patient}"},
        "period": {"start": "2024-05-01T08:00:00+02:00"},
    }
    for n in range(OF_PATIENT - 2):
        yield _observation(patient, n)


def _observation(patient: int, n: int) -> Resource:
    category = "http://terminology.hl7.org/CodeSystem/observation-category"
    code = CODES[n % len(CODES)]
    return {
        "resourceType": "Observation",
        "id": f"o-{patient}-{n}",
        "identifier": [{"system": "urn:example:result", "value": f"{patient}|{n}"}],
        "status": "final",
        "category": [{"coding": [{"system": category, "code": "vital-signs"}]}],
        "code": {"coding": [{"system": LOINC, "code": code, "display": f"Synthetic {code}"}]},
        "subject": {"reference": f"Patient/p-{patient}"},
        "encounter": {"reference": f"Encounter/e-{patient}"},
        "effectiveDateTime": f"2024-05-{1 + n % 28:02d}T{n % 24:02d}:00:00+02:00",
        "valueQuantity": {"value": 60 + (patient + n) % 90, "system": UCUM, "code": "/min"},
    }


def _said(waits: list[float]) -> str:
    return f"{percentile(waits, 0.5) * 1000:.1f} / {percentile(waits, 0.99) * 1000:.1f}"


def _options() -> Any:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rate", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--folder", default="", help="where filled stores are kept")
    return parser.parse_args()


if __name__ == "__main__":
    main()
