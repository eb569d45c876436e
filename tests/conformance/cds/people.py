"""Made-up patients, told apart by their ids, and what a FHIR server knows of them."""

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

Resource = dict[str, Any]

LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

EVIL = "<img src=x onerror=alert(1)>|`[link](javascript:alert(1))"
"""What must come out of a card as text that does nothing."""
LONG = "\U0001f9ec" * 200
"""Two hundred characters of four bytes each."""


class Kind(Enum):
    """What is the matter with a made-up patient."""

    ILL = "ill"
    MILD = "mild"
    WELL = "well"
    EVIL = "evil"
    LONG = "long"
    BARE = "bare"


_ILL = (
    ("9279-1", "26", "/min"),
    ("59408-5", "88", "%"),
    ("8480-6", "88", "mm[Hg]"),
    ("8478-0", "58", "mm[Hg]"),
    ("8867-4", "134", "/min"),
    ("8310-5", "39.3", "Cel"),
    ("3151-8", "4", "L/min"),
)
_WELL = (
    ("9279-1", "16", "/min"),
    ("59408-5", "97", "%"),
    ("8480-6", "122", "mm[Hg]"),
    ("8478-0", "88", "mm[Hg]"),
    ("8867-4", "72", "/min"),
    ("8310-5", "36.8", "Cel"),
    ("3151-8", "0", "L/min"),
)
_MILD = (
    ("9279-1", "22", "/min"),
    ("59408-5", "95", "%"),
    ("8480-6", "105", "mm[Hg]"),
    ("8478-0", "75", "mm[Hg]"),
    ("8867-4", "95", "/min"),
    ("8310-5", "36.8", "Cel"),
    ("3151-8", "0", "L/min"),
)
_LABORATORY = (
    ("3094-0", "61", "mg/dL"),
    ("2160-0", "2.4", "mg/dL"),
    ("2951-2", "131", "mmol/L"),
    ("2345-7", "188", "mg/dL"),
    ("6690-2", "19.4", "10*3/uL"),
    ("4544-3", "28", "%"),
    ("1975-2", "3.1", "mg/dL"),
    ("1751-7", "2.6", "g/dL"),
)


def somebody(kind: Kind = Kind.ILL) -> str:
    """The id of a patient whom nobody has asked about yet."""
    return f"suite-{kind.value}-{secrets.token_hex(6)}"


def new_uuid() -> str:
    """A random UUID. Source: RFC 9562, version 4."""
    return str(UUID(bytes=secrets.token_bytes(16), version=4))


def visit_of(patient: str) -> str:
    """The id of this patient's stay."""
    return f"visit.{patient}"


def resource(type_: str, id_: str) -> Resource | None:
    """The resource of this id, if there is one."""
    if type_ == "Patient":
        return _patient(id_)
    if type_ == "Encounter" and id_.startswith("visit."):
        return _encounter(id_.removeprefix("visit."))
    return None


def matches(type_: str, patient: str, query: Mapping[str, str]) -> list[Resource]:
    """What a search for this patient finds."""
    kind = kind_of(patient)
    if type_ == "Encounter":
        return [_encounter(patient)]
    if type_ != "Observation" or kind is Kind.BARE:
        return []
    wanted = query.get("category", "vital-signs,laboratory").split(",")
    wanted = [each.rpartition("|")[2] for each in wanted]
    found = []
    if "vital-signs" in wanted:
        measured = {Kind.WELL: _WELL, Kind.MILD: _MILD}.get(kind, _ILL)
        found += [_measured(patient, *each, "vital-signs") for each in measured]
        found.append(_alert(patient, well=kind in {Kind.WELL, Kind.MILD}))
    if "laboratory" in wanted and kind not in {Kind.WELL, Kind.MILD}:
        found += [_measured(patient, *each, "laboratory") for each in _LABORATORY]
    return found


def kind_of(patient: str) -> Kind:
    """What is the matter with this patient."""
    said = patient.split("-")[1] if patient.startswith("suite-") else "ill"
    return Kind(said)


def bundle(resources: list[Resource], *, mode: str = "match") -> Resource:
    """A search result."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(resources),
        "entry": [{"resource": each, "search": {"mode": mode}} for each in resources],
    }


def empty_bundle() -> Resource:
    """A search result without a match. Source: FHIR R4, Bundle; no element is empty."""
    return {"resourceType": "Bundle", "type": "searchset", "total": 0}


def outcome(severity: str = "error") -> Resource:
    """What a client sends that tried and failed."""
    issue = {"severity": severity, "code": "processing", "diagnostics": "made up"}
    return {"resourceType": "OperationOutcome", "issue": [issue]}


def _patient(id_: str) -> Resource:
    texts = {Kind.EVIL: EVIL, Kind.LONG: LONG}
    name = texts.get(kind_of(id_), "Alder-Suite")
    return {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"family": name, "given": [name], "text": name}],
        "gender": "female",
        "birthDate": "1951-02-03",
    }


def _encounter(patient: str) -> Resource:
    now = datetime.now(UTC)  # noqa: TID251 - a made-up record lies before the moment of asking
    return {
        "resourceType": "Encounter",
        "id": visit_of(patient),
        "status": "in-progress",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "IMP",
        },
        "subject": {"reference": f"Patient/{patient}"},
        "period": {"start": (now - timedelta(days=4)).isoformat(timespec="seconds")},
    }


def _measured(patient: str, code: str, value: str, unit: str, category: str) -> Resource:
    texts = {Kind.EVIL: EVIL, Kind.LONG: LONG}
    said = texts.get(kind_of(patient), unit)
    return {
        **_observation(patient, code, category),
        "valueQuantity": {"value": float(value), "unit": said, "system": UCUM, "code": unit},
    }


def _alert(patient: str, *, well: bool) -> Resource:
    """Level of consciousness, as ACVPU. Source: LOINC 67775-7, answer list LL1162-8 in part."""
    said = ("248234008", "Mentally alert") if well else ("300202002", "Response to voice")
    coding = {"system": "http://snomed.info/sct", "code": said[0], "display": said[1]}
    return {
        **_observation(patient, "67775-7", "vital-signs"),
        "valueCodeableConcept": {"coding": [coding]},
    }


def _observation(patient: str, code: str, category: str) -> Resource:
    now = datetime.now(UTC)  # noqa: TID251 - as above
    texts = {Kind.EVIL: EVIL, Kind.LONG: LONG}
    display = texts.get(kind_of(patient), "Made up")
    return {
        "resourceType": "Observation",
        "id": f"o{code}.{patient}"[:64],
        "status": "final",
        "category": [{"coding": [{"system": CATEGORY, "code": category}]}],
        "code": {
            "coding": [{"system": LOINC, "code": code, "display": display}],
            "text": display,
        },
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": (now - timedelta(minutes=12)).isoformat(timespec="seconds"),
    }
