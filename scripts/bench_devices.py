"""Measures device readings on this machine: read and built in one process, and committed as FHIR.

Starts its own suite with its own data directory, sends only to 127.0.0.1, prints medians. All
payloads are synthetic. Not a test: nothing here fails when a number is low.
"""

import argparse
import resource
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from rich.progress import Progress
from rich.table import Table

from bench import out, wait
from bench_device_payloads import KINDS, START_S, Kind
from bench_suite import suite
from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.codec import encode
from wherry.fhir.bundle import transaction
from wherry.resource import Reference
from wherry.suite.addresses import Addresses
from wherry.suite.demo.web import Service
from wherry_devices.commands.apple_cli import payloads as cut
from wherry_devices.commands.apple_cli import progress
from wherry_devices.connectors import decoded
from wherry_devices.mapping.read import read
from wherry_devices.mapping.translate import Payload, entries
from wherry_devices.template_files import load

PATIENTS = 40


def built(rounds: int, readings: int) -> Table:
    """Readings per second of one core's time, from bytes to a transaction as bytes.

    It is CPU time of this process, so that others on the machine do not count.
    """
    templates = load()
    subject: Reference = {"reference": "Patient/bench"}
    received = Payload("0" * 64, datetime.fromtimestamp(START_S, UTC))
    table = Table("payload", "readings in it", "normalised/s", "normalised and built/s")
    for kind in KINDS:
        compiled = templates[kind.source]
        bodies = [encode(kind.made(n, "bench")) for n in range(max(1, readings // kind.readings))]
        normalised, whole = [], []
        for _ in range(rounds):
            begin = time.process_time()
            batches = [read(decoded(kind.source, body), compiled) for body in bodies]
            middle = time.process_time()
            for batch in batches:
                made, _ = entries(batch.readings, subject, compiled.template, received)
                encode(transaction(made))
            end = time.process_time()
            count = sum(len(batch.readings) for batch in batches)
            normalised.append(count / (middle - begin))
            whole.append(count / (end - begin))
        shown = (f"{statistics.median(one):,.0f}" for one in (normalised, whole))
        table.add_row(kind.shown, str(kind.readings), *shown)
    return table


EXPORT_HEAD = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n'
    b'<!ELEMENT HealthData (Record)*>\n]>\n<HealthData locale="en_US">\n'
)


def write_export(path: Path, mebibytes: int) -> None:
    """A made-up Apple Health export of about this size."""
    record = (
        ' <Record type="HKQuantityTypeIdentifierHeartRate" sourceName="Demo Watch"'
        ' device="&lt;&lt;HKDevice: 0x1&gt;, name:Demo Watch, manufacturer:Demo, model:Watch,'
        ' hardware:Watch6,12, software:1.2&gt;" unit="count/min"'
        ' creationDate="2026-01-{day:02} {hour:02}:{minute:02}:05 +0100"'
        ' startDate="2026-01-{day:02} {hour:02}:{minute:02}:00 +0100"'
        ' endDate="2026-01-{day:02} {hour:02}:{minute:02}:00 +0100" value="{value}"/>\n'
    )
    day = "".join(
        record.format(day=1 + n % 28, hour=n // 60 % 24, minute=n % 60, value=50 + n % 90)
        for n in range(5000)
    ).encode()
    with path.open("wb") as file, Progress() as bar:
        task = bar.add_task("writing an export", total=mebibytes * 2**20)
        file.write(EXPORT_HEAD)
        while file.tell() < mebibytes * 2**20:
            file.write(day)
            bar.update(task, completed=file.tell())
        file.write(b"</HealthData>\n")


def streamed(mebibytes: int) -> Table:
    """The most memory that a process of its own needs to cut a large export into payloads."""
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        path = Path(folder) / "export.xml"
        write_export(path, mebibytes)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            count, seconds, peak_mib = pool.submit(stream, path).result()
    table = Table("export MiB", "records", "records/s", "most memory MiB")
    table.add_row(str(mebibytes), f"{count:,}", f"{count / seconds:,.0f}", f"{peak_mib:,.0f}")
    return table


def stream(path: Path) -> tuple[int, float, float]:
    """Records of an export cut into payloads, how long that took, the peak of memory in MiB."""
    begin, count = time.perf_counter(), 0
    for body in cut(progress(path), "bench"):
        count += body.count(b'"startDate"')
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return count, time.perf_counter() - begin, peak_kib / 1024


def committed(at: Addresses, token: str, rounds: int, readings: int) -> Table:
    """Readings per second from the first POST until all are committed FHIR, by kind of payload."""
    devices, hl7 = Service("devices", at.url("devices")), Service("hl7", at.url("hl7"))
    with session(token=token) as web:
        fhir = HttpFhir(at.fhir, web)
        for n in range(PATIENTS):
            patient = fhir.create({"resourceType": "Patient", "name": [{"family": f"Bench {n}"}]})
            for source in dict.fromkeys(kind.source for kind in KINDS):
                bind(devices, source, "device", f"bench-{n}", patient)
    table = Table("payload", "readings in it", "payloads kept/s", "readings committed/s")
    for kind in KINDS:
        count = max(1, readings // kind.readings)
        kept, done = [], []
        for round_ in range(rounds + 1):
            begin = time.perf_counter()
            send(devices, kind, round_ * count, count)
            middle = time.perf_counter()
            wait(lambda: unfinished(hl7) == 0, 300)
            if round_:  # the first one warms up
                kept.append(count / (middle - begin))
                done.append(count * kind.readings / (time.perf_counter() - begin))
        shown = (f"{statistics.median(one):,.0f}" for one in (kept, done))
        table.add_row(kind.shown, str(kind.readings), *shown)
    devices.close()
    hl7.close()
    return table


def send(devices: Service, kind: Kind, first: int, count: int) -> None:
    """So many payloads over four connections, from number `first` on, of all patients in turn."""
    made = [kind.made(n, f"bench-{n % PATIENTS}") for n in range(first, first + count)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: devices.post(f"/v1/sources/{kind.source}", one), made))


def bind(devices: Service, source: str, named: str, name: str, patient: str) -> None:
    """Give one device or account to one patient for ever."""
    devices.put(
        "/v1/bindings",
        {
            "source": source,
            named: name,
            "patient": patient,
            "valid_from": "2020-01-01T00:00:00Z",
            "verified_by": "bench",
        },
    )


def unfinished(hl7: Service) -> int:
    """Payloads kept but neither done nor aside."""
    states = hl7.get("/v1/inbox/stats")["counts"].get("devices", {})
    return int(states.get("waiting", 0) + states.get("claimed", 0))


def main() -> None:
    """Run all measurements and print them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--readings", type=int, default=8000, help="per kind and round")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--port-offset", type=int, default=21000)
    options.add_argument("--export-mib", type=int, default=1024, help="0 leaves it out")
    options.add_argument("--only-here", action="store_true", help="no suite, no committed FHIR")
    chosen = options.parse_args()
    out.print("[bold]One process, per second of one core")
    out.print(built(5, chosen.readings))
    if chosen.export_mib:
        out.print("[bold]An Apple Health export")
        out.print(streamed(chosen.export_mib))
    if chosen.only_here:
        return
    at, offset = Addresses(chosen.port_offset), chosen.port_offset
    out.print("[bold]The whole suite (load and database on this machine)")
    with tempfile.TemporaryDirectory(prefix="wherry-bench-") as folder:
        data = Path(folder)
        with suite(data, offset):
            token = (data / "fhir-token").read_text().strip()
            out.print(committed(at, token, chosen.rounds, chosen.readings))


if __name__ == "__main__":
    main()
