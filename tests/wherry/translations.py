"""Small synthetic translations: a patient, and a patient with results."""

from typing import Any

from wherry.fhir.bundle import known_by, to, transaction, under_id
from wherry.resource import Entry, Identifier, Resource, Translation

T1, T2, T3 = (f"2026-01-05T1{n}:00:00+00:00" for n in (1, 2, 3))

# What R4 requires of a result.
CODED: dict[str, Any] = {"status": "final", "code": {"text": "made up"}}


def known(value: str) -> Identifier:
    return {"system": "urn:test", "value": value}


def said(type_: str, value: str, at: str, source: str, **elements: Any) -> Entry:
    resource: Resource = {
        "resourceType": type_,
        "meta": {"source": f"urn:wherry:hl7:N:A#{source}"},
        "identifier": [known(value)],
        "extension": [{"url": "urn:wherry:fhir:source-time", "valueDateTime": at}],
        **elements,
    }
    return known_by(resource, known(value))


def message(source: str, *entries: Entry, **more: Any) -> Translation:
    record: Resource = {
        "resourceType": "Provenance",
        "id": f"00000000-0000-5000-8000-{source:0>12}",
        "target": [{"reference": entry["fullUrl"]} for entry in entries],
        "recorded": T1,
        "agent": [{"who": {"display": "made up"}}],
    }
    return Translation(transaction([*entries, under_id(record)]), **more)


def patient(source: str, at: str = T1, who: str = "p1", **elements: Any) -> Translation:
    return message(source, said("Patient", who, at, source, **elements))


def result(source: str, at: str = T1, value: str = "a", n: int = 1, who: str = "p1") -> Translation:
    patient = said("Patient", who, at, source)
    subject = to("Patient", known(who))
    observations = [
        said("Observation", f"{who}-o{i}", at, source, subject=subject, valueString=value, **CODED)
        for i in range(n)
    ]
    report = said(
        "DiagnosticReport",
        f"{who}-r",
        at,
        source,
        subject=subject,
        **CODED,
        result=[{"reference": one["fullUrl"]} for one in observations],
    )
    return message(source, patient, *observations, report)
