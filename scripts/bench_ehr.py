"""Transactions of ORU-sized groups into the sandbox EHR: entries per second and time per stage.

Synthetic data. Runs the whole service in this process on a SQLite file, commits durable.
"""

import argparse
import cProfile
import pstats
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time
from uuid import NAMESPACE_URL, uuid5

from flask.testing import FlaskClient

from wherry.codec import decode, encode
from wherry.fhir.check import problems
from wherry.resource import Resource
from wherry_ehr.app import create_app
from wherry_ehr.collector import calm
from wherry_ehr.migrate import upgrade
from wherry_ehr.search.extract import Rows, index
from wherry_ehr.settings import Settings
from wherry_ehr.wiring import wire
from wherry_ehr.write.content import content
from wherry_ehr.write.told import told_in

OBSERVATIONS = 20
CODES = [f"{8000 + n}-{n % 10}" for n in range(OBSERVATIONS)]
FACILITY = "urn:wherry:hl7:BENCH"


def main() -> None:
    """Run the bench and print the table."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        url = options.database or f"sqlite:///{Path(folder) / 'ehr.db'}"
        upgrade(url)
        deps = wire(Settings(database_url=url, open_fhir=True))
        client = create_app(deps).test_client()
        calm()
        groups = [
            list(_group(start, options.group, options.values))
            for start in range(0, options.messages, options.group)
        ]
        _pure_stages(groups[0], options.group)
        for name in ("first", "again", "changed"):
            if name == "changed":
                groups = [[_changed(entry) for entry in group] for group in groups]
            with _profiled(options.profile):
                _run(client, groups, name, options.messages)
        deps.store.close()


def _run(client: FlaskClient, groups: list[list[Resource]], name: str, messages: int) -> None:
    spent = {"batch of searches": 0.0, "transaction": 0.0}
    cpu = 0.0
    for group in groups:
        for stage, body in (("batch of searches", _batch(group)), ("transaction", _bundle(group))):
            before, cpu_before = perf_counter(), process_time()
            answer = client.post("/fhir", data=body, content_type="application/fhir+json")
            spent[stage] += perf_counter() - before
            cpu += process_time() - cpu_before
            if answer.status_code != 200:
                sys.exit(answer.get_data(as_text=True)[:300])
    entries = sum(len(group) for group in groups)
    print(f"{name}: {entries / spent['transaction']:,.0f} transaction entries/s")
    for stage, seconds in spent.items():
        print(f"  {stage:32} {seconds / messages * 1000:7.3f} ms per message")
    print(f"  {'CPU, both':32} {cpu / messages * 1000:7.3f} ms per message")


def _pure_stages(group: list[Resource], messages: int) -> None:
    body = _bundle(group)
    resources = [entry["resource"] for entry in decode(body)["entry"]]
    texts = [encode(one) for one in resources]
    tellings = [told_in(text) for text in texts]
    links = {entry["fullUrl"]: "Patient/1" for entry in group}
    rows = Rows()
    stages: dict[str, Callable[[], object]] = {
        "decode the Bundle": lambda: decode(body),
        "check, nothing seen before": lambda: [problems(one) for one in resources],
        "read and check, most seen before": lambda: [told_in(text) for text in texts],
        "content and digest": lambda: [content(one, links) for one in tellings],
        "index rows": lambda: [
            index(one["resourceType"], one, 1, links, rows) for one in resources
        ],
    }
    print(f"one group: {len(group)} entries, {len(body):,} bytes")
    for name, stage in stages.items():
        stage()
        before = process_time()
        for _ in range(10):
            stage()
        print(f"  {name:32} {(process_time() - before) / 10 / messages * 1000:7.3f} ms per message")


def _group(start: int, size: int, values: int) -> Iterator[Resource]:
    for n in range(start, start + size):
        patient = _put(
            "Patient",
            f"{FACILITY}:MRN",
            f"M{n % max(values, 1) if values else n}",
            name=[{"family": f"Bench{n}", "given": ["Synthetic"]}],
            gender="female",
            birthDate="1961-04-02",
            address=[{"line": ["1 Main St"], "city": "Town", "postalCode": "00000"}],
        )
        encounter = _put(
            "Encounter",
            f"{FACILITY}:visit",
            f"V{n}",
            status="in-progress",
            subject={"reference": patient["fullUrl"]},
            period={"start": "2024-05-01T08:00:00+02:00"},
            **{
                "class": {
                    "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
                    "code": "IMP",
                }
            },
        )
        observations = [
            _put(
                "Observation",
                f"{FACILITY}:observation",
                f"ORD{n}|{code}|20240501{n % 86400:06d}",
                status="final",
                category=[
                    _concept(
                        "http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs"
                    )
                ],
                code=_concept("http://loinc.org", code),
                subject={"reference": patient["fullUrl"]},
                encounter={"reference": encounter["fullUrl"]},
                effectiveDateTime=f"2024-05-01T{n // 60 % 24:02d}:{n % 60:02d}:00+02:00",
                valueQuantity={
                    "value": n % 200,
                    "unit": "/min",
                    "system": "http://unitsofmeasure.org",
                    "code": "/min",
                },
            )
            for code in CODES
        ]
        report = _put(
            "DiagnosticReport",
            f"{FACILITY}:report",
            f"ORD{n}",
            status="final",
            code=_concept("http://loinc.org", "85353-1"),
            subject={"reference": patient["fullUrl"]},
            result=[{"reference": one["fullUrl"]} for one in observations],
            effectiveDateTime="2024-05-01T10:00:00+02:00",
        )
        written = [patient, encounter, report, *observations]
        provenance = {
            "resourceType": "Provenance",
            "id": str(uuid5(NAMESPACE_URL, f"provenance-{n}")),
            "target": [{"reference": one["fullUrl"]} for one in written],
            "recorded": "2024-05-01T10:00:01+02:00",
            "agent": [{"who": {"display": "BENCH"}}],
        }
        if values:  # messages of one group then share patients: one entry each
            written = written[1:] if n - start >= values else written
        yield from written
        yield {
            "fullUrl": f"urn:uuid:{provenance['id']}",
            "resource": provenance,
            "request": {"method": "PUT", "url": f"Provenance/{provenance['id']}"},
        }


def _put(type_: str, system: str, value: str, **rest: object) -> Resource:
    quoted = value.replace("|", "\\|")
    return {
        "fullUrl": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{system}|{value}')}",
        "resource": {
            "resourceType": type_,
            "meta": {"source": "urn:wherry:hl7:bench"},
            "extension": [
                {"url": "urn:wherry:fhir:source-time", "valueDateTime": "2024-05-01T10:00:00+02:00"}
            ],
            "identifier": [{"system": system, "value": value}],
            **rest,
        },
        "request": {"method": "PUT", "url": f"{type_}?identifier={system}|{quoted}"},
    }


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": f"Synthetic {code}"}]}


def _changed(entry: Resource) -> Resource:
    resource = entry["resource"]
    if resource["resourceType"] != "Observation":
        return entry
    return {**entry, "resource": {**resource, "status": "corrected"}}


def _bundle(group: list[Resource]) -> bytes:
    return encode({"resourceType": "Bundle", "type": "transaction", "entry": group})


def _batch(group: list[Resource]) -> bytes:
    asked = [{"request": {"method": "GET", "url": entry["request"]["url"]}} for entry in group]
    return encode({"resourceType": "Bundle", "type": "batch", "entry": asked})


@contextmanager
def _profiled(wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    profile = cProfile.Profile()
    with profile:
        yield
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--group", type=int, default=20)
    parser.add_argument("--values", type=int, default=0, help="patients shared inside a group")
    parser.add_argument("--database", default="", help="another store than a new SQLite file")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
