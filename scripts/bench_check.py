"""Measures the R4 check beside fhir.resources R4B on the same resources; medians of CPU time."""

import statistics
import sys
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from time import process_time
from typing import Any

from wherry.codec import encode
from wherry.fhir.check import problems
from wherry.fhir.r4.walk import walk

UUID = "urn:uuid:2b0f4d6e-1111-5222-8333-4444555566"
UCUM = "http://unitsofmeasure.org"
HL7 = "http://terminology.hl7.org/CodeSystem/"
SOURCE = {"url": "urn:wherry:fhir:source-time", "valueDateTime": "2026-03-01T08:15:00+01:00"}


def quantity(value: Decimal) -> dict[str, Any]:
    return {"value": value, "unit": "g/dL", "system": UCUM, "code": "g/dL"}


def coded(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": HL7 + system, "code": code}]}


LAB: dict[str, Any] = {
    "resourceType": "Observation",
    "meta": {"source": "urn:wherry:hl7:LAB"},
    "extension": [SOURCE],
    "identifier": [{"system": "urn:wherry:hl7:LAB:observation", "value": "1|718-7|1"}],
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Hemoglobin"}]},
    "subject": {"reference": UUID + "01"},
    "encounter": {"reference": UUID + "02"},
    "effectiveDateTime": "2026-03-01T08:00:00+01:00",
    "issued": "2026-03-01T08:10:00+01:00",
    "valueQuantity": quantity(Decimal("13.50")),
    "interpretation": [coded("v3-ObservationInterpretation", "N")],
    "referenceRange": [{"text": "12-15.5"}],
}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "meta": {"source": "urn:wherry:hl7:ADT"},
    "extension": [SOURCE],
    "identifier": [
        {"type": coded("v2-0203", "MR"), "system": "urn:oid:1.2.3.4", "value": "1"},
        {"type": coded("v2-0203", "AN"), "system": "urn:oid:1.2.3.5", "value": "2"},
    ],
    "name": [{"use": "official", "family": "Testov", "given": ["Test", "A"]}],
    "telecom": [{"system": "phone", "value": "+1 555 0100", "use": "home"}],
    "gender": "female",
    "birthDate": "1970-02-03",
    "address": [{"line": ["1 Test Way"], "city": "Test", "postalCode": "00000", "country": "XX"}],
    "maritalStatus": coded("v3-MaritalStatus", "M"),
}


def bundle(entries: int) -> dict[str, Any]:
    request = {"method": "PUT", "url": "Observation?identifier=urn:x|1"}
    made = [
        {"fullUrl": f"{UUID[:-6]}{n:08}", "resource": LAB, "request": request}
        for n in range(10, 10 + entries)
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": made}


def median_us(work: Callable[[], object], *, size: int) -> float:
    """Median of 31 rounds, each long enough to be timed, in microseconds for one call."""
    repeat = max(1, 200 // size)
    rounds = []
    for _ in range(31):
        start = process_time()
        for _ in range(repeat):
            work()
        rounds.append((process_time() - start) / repeat * 1e6)
    return statistics.median(rounds)


def main() -> None:
    cases = {
        "lab Observation": (LAB, 1),
        "Patient": (PATIENT, 1),
        "Bundle of 24": (bundle(24), 24),
        "Bundle of 450": (bundle(450), 450),
    }
    start = process_time()
    if any(problems(resource) for resource, _ in cases.values()):
        sys.exit("the samples are not valid: nothing measured")
    print(f"first check of all, with loading the tables: {(process_time() - start) * 1e3:.0f} ms")

    from fhir.resources.R4B import get_fhir_model_class  # noqa: PLC0415 - its import is not measured

    print(f"{'':16} {'bytes':>8} {'check µs':>9} {'thorough':>9} {'fhir.resources':>14}")
    for name, (resource, size) in cases.items():
        model = get_fhir_model_class(resource["resourceType"])
        quick = median_us(partial(problems, resource), size=size)
        slow = median_us(partial(walk, resource), size=size)
        theirs = median_us(partial(model.model_validate, resource), size=size)
        row = f"{name:16} {len(encode(resource)):8} {quick:9.1f} {slow:9.0f} {theirs:14.0f}"
        print(row)


if __name__ == "__main__":
    main()
