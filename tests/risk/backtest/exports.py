"""People of the training readers become a FHIR bulk export, so that both ways can be compared."""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from wherry_risk.onnx.manifest import Input, Manifest
from wherry_risk.training.people import Person

T0 = datetime(2026, 1, 10, tzinfo=UTC)
"""Second 0 of every series."""
UNTIL = datetime(2026, 12, 1, tzinfo=UTC)
TIDAL_VOLUME_ML = 450
GENDERS = {"men": "male", "women": "female"}


def write(
    folder: Path, manifest: Manifest, people: Iterable[Person], *, packed: bool = False
) -> None:
    """The export of these people, a file for each type; each has one stay."""
    files: dict[str, list[str]] = defaultdict(list)
    for person in people:
        for resource in resources(manifest, person):
            files[resource["resourceType"]].append(json.dumps(resource))
    for type_, lines in files.items():
        text = "\n".join(lines) + "\n"
        if packed:
            (folder / f"{type_}.000.ndjson.gz").write_bytes(gzip.compress(text.encode()))
        else:
            (folder / f"{type_}.000.ndjson").write_text(text)


def resources(manifest: Manifest, person: Person) -> Iterator[dict[str, Any]]:
    """One person's Patient, Encounter and Observations.

    The stay begins a day before the one moment, or an hour before the first of many.
    """
    at, last = (T0 + timedelta(seconds=person.moments_s[n]) for n in (0, -1))
    many = len(person.moments_s) > 1
    inputs = {one.name: one for one in manifest.inputs}
    yield _patient(person, at)
    yield {
        "resourceType": "Encounter",
        "id": f"e-{person.id}",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": f"Patient/{person.id}"},
        "period": {
            "start": (at - timedelta(hours=1 if many else 24)).isoformat(),
            "end": (last if many else last + timedelta(days=2)).isoformat(),
        },
        "hospitalization": {
            "dischargeDisposition": {"coding": [{"code": "exp" if person.outcomes[0] else "home"}]}
        },
    }
    n = 0
    for name, series in person.series.items():
        if (of := inputs.get(name)) is None or of.source not in {"quantity", "ventilation"}:
            continue
        for when_s, value in zip(series.at_s, series.values, strict=True):
            n += 1
            yield _observation(person.id, n, of, T0 + timedelta(seconds=when_s), value)


def _patient(person: Person, at: datetime) -> dict[str, Any]:
    made: dict[str, Any] = {"resourceType": "Patient", "id": person.id}
    if "age" in person.series:
        years = int(person.series["age"].values[0])
        made["birthDate"] = f"{at.year - years - 1}-12-31"
    if gender := GENDERS.get(person.about.get("sex", "")):
        made["gender"] = gender
    return made


def _observation(patient_id: str, n: int, of: Input, at: datetime, value: float) -> dict[str, Any]:
    ventilated = of.source == "ventilation"
    unit = "mL" if ventilated else of.ucum
    return {
        "resourceType": "Observation",
        "id": f"o-{patient_id}-{n}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": _code(of)}]},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": at.isoformat(),
        "valueQuantity": {
            "value": TIDAL_VOLUME_ML if ventilated else value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def _code(of: Input) -> str:
    return "20112-9" if of.source == "ventilation" else of.loinc[0]
