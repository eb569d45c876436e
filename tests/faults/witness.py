"""What the FHIR server holds of a family becomes what was lost, doubled or out of order."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.faults.families import LAST, RATE, Family

from wherry.ports import Fhir


@dataclass(slots=True)
class Findings:
    """What is wrong, in words that name family and number; empty lists are what is hoped for."""

    stored: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)

    def none(self) -> bool:
        """Whether all is as it should be."""
        return not (self.lost or self.doubled or self.disordered)

    def add(self, other: "Findings") -> None:
        """Put what was found elsewhere to this."""
        self.stored += other.stored
        self.lost += other.lost
        self.doubled += other.doubled
        self.disordered += other.disordered


def examine(family: Family, fhir: Fhir) -> Findings:
    """Look at all that is stored of one family once every message of it has ended."""
    findings = Findings()
    patients = [_patient(fhir, mrn, findings) for mrn in family.numbers]
    if not all(patients):
        findings.lost += [f"{family.name}-{n}" for n in range(family.count)]
        return findings
    stays, goes = (one["id"] for one in patients)
    observations = _of(fhir, "Observation", stays) + _of(fhir, "Observation", goes)
    reports = _of(fhir, "DiagnosticReport", stays) + _of(fhir, "DiagnosticReport", goes)
    _results(family, observations, reports, findings)
    _corrections(family, fhir, observations, findings)
    _moves(family, fhir, stays, findings)
    _merge(family, patients, (*observations, *reports), findings)
    return findings


def _patient(fhir: Fhir, mrn: str, findings: Findings) -> Any:
    found = fhir.search("Patient", {"identifier": mrn})
    mine = [one for one in found if one["identifier"][0]["value"] == mrn]
    if len(mine) > 1:
        findings.doubled.append(f"Patient {mrn}")
    return mine[0] if mine else None


def _of(fhir: Fhir, type_: str, patient: str) -> list[Any]:
    return list(fhir.search(type_, {"patient": patient, "_count": "200"}, limit=100_000))


def _results(
    family: Family, observations: Sequence[Any], reports: Sequence[Any], findings: Findings
) -> None:
    """Each result has one Observation and one report, each of one version."""
    rates = [one for one in observations if one["code"]["coding"][0]["code"] == RATE]
    orders = [one for one in reports if not _order(one).endswith("-LAST")]
    values = Counter(int(one["valueQuantity"]["value"]) for one in rates)
    placed = Counter(_order(one) for one in orders)
    for n in family.results():
        name, order = f"{family.name}-{n}", f"{family.mrn(n)}-{n}"
        if values[n] and placed[order]:
            findings.stored += 1
        else:
            findings.lost.append(name)
        if values.pop(n, 0) > 1 or placed.pop(order, 0) > 1:
            findings.doubled.append(name)
    findings.doubled += [f"{family.name}: {what}, never sent" for what in (*values, *placed)]
    again = [one for one in (*rates, *orders) if _version(one) > 1 + _moved(family, one)]
    findings.doubled += [
        f"{family.name}: {one['resourceType']} {_order(one) or one['valueQuantity']['value']}"
        f" has version {_version(one)}"
        for one in again
    ]


def _corrections(
    family: Family, fhir: Fhir, observations: Sequence[Any], findings: Findings
) -> None:
    """The values of what is corrected again and again only rise, and end with the last one."""
    lasts = [one for one in observations if one["code"]["coding"][0]["code"] == LAST]
    sent = [[n for n in family.results() if family.mrn(n) == mrn] for mrn in family.numbers]
    if len(lasts) != sum(map(bool, sent)):
        findings.doubled.append(f"{family.name}: {len(lasts)} are corrected")
    ends = []
    for one in lasts:
        values = [
            int(each["valueQuantity"]["value"]) for each in _history(fhir, "Observation", one)
        ]
        ends.append(values[-1])
        _rising(family.name, "correction", values, findings)
    if sorted(ends) != sorted(numbers[-1] for numbers in sent if numbers):
        findings.disordered.append(f"{family.name}: the last corrections are {sorted(ends)}")


def _moves(family: Family, fhir: Fhir, stays: str, findings: Findings) -> None:
    """So do the addresses of the patient."""
    history = _history(fhir, "Patient", fhir.read("Patient", stays))
    values = [int(one["address"][0]["line"][0].split()[0]) for one in history if "address" in one]
    _rising(family.name, "address", values, findings)
    if not values or values[-1] != family.moves()[-1]:
        findings.disordered.append(f"{family.name}: the last address is {values[-1:]}")
    missing = 0 if values else len(family.moves())
    findings.stored += len(family.moves()) - missing


def _merge(
    family: Family, patients: Sequence[Any], things: Sequence[Any], findings: Findings
) -> None:
    """Both numbers are one person, and all that is known of either is known of that person."""
    stays, goes = patients
    target = f"Patient/{stays['id']}"
    links = [link["other"]["reference"] for link in goes.get("link", ())]
    if links == [target]:
        findings.stored += 2  # the merge, and the admission of the one who was merged
    else:
        findings.lost.append(f"{family.name}-{family.merged_at}: not merged")
    left = [one for one in things if one["subject"]["reference"] != target]
    findings.lost += [f"{family.name}: {one['resourceType']} was left behind" for one in left]


def _rising(name: str, what: str, values: Sequence[int], findings: Findings) -> None:
    """Each is larger than the one before; the merge writes the same one once more."""
    same = 0
    for before, after in pairwise(values):
        same += before == after
        if after < before:
            findings.disordered.append(f"{name}: {what} {after} after {before}")
    if same > 1:
        findings.doubled.append(f"{name}: {what} was written again {same} times")


def _history(fhir: Fhir, type_: str, last: Any) -> list[Any]:
    return [
        fhir.read(type_, f"{last['id']}/_history/{version}")
        for version in range(1, _version(last) + 1)
    ]


def _moved(family: Family, one: Any) -> bool:
    """Whether the merge had to point it to the other patient, which makes a version."""
    if one["resourceType"] == "Observation":
        number = int(one["valueQuantity"]["value"])
    else:
        number = int(_order(one).rpartition("-")[2])
    return number < family.merged_at and family.mrn(number) == family.numbers[1]


def _order(one: Any) -> str:
    """The filler's number of a report; empty for an Observation."""
    if one["resourceType"] != "DiagnosticReport":
        return ""
    return str(one["identifier"][-1]["value"])


def _version(one: Any) -> int:
    return int(one["meta"]["versionId"])
