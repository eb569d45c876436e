"""A session becomes the patient's record, as far as the EHR lets its token read it."""

from collections.abc import Callable, Sequence

import structlog

from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry_smart.protocol.launches import Session
from wherry_smart.protocol.scopes import withheld
from wherry_smart.summary.chart import Chart, Problem
from wherry_smart.summary.sources import targets

log = structlog.get_logger()

OBSERVATIONS, ASSESSMENTS, PROVENANCES, ENCOUNTERS, DEVICES = 1000, 200, 500, 20, 20
TARGETS = 100
"""Observations that one search of Provenance names."""


_PAGE = 500

# Resource type, order, how many, and what the page calls it. Not every server can sort Provenance
_SEARCHES = (
    ("Observation", "-date", OBSERVATIONS, "measurements"),
    ("RiskAssessment", "-date", ASSESSMENTS, "earlier scores"),
    ("Encounter", "-date", ENCOUNTERS, "the stay"),
    ("Provenance", "", PROVENANCES, "the messages behind the values"),
)

_WHY = {
    Kind.FORBIDDEN: "the EHR does not allow it",
    Kind.NOT_FOUND: "the EHR does not have it",
    Kind.GONE: "it was deleted in the EHR",
    Kind.UNAVAILABLE: "the EHR did not answer",
    Kind.UNCERTAIN: "the EHR did not answer in time",
}


def read_chart(fhir: Fhir, session: Session) -> Chart:
    """The record of the session's patient, and of nobody else; parts that fail leave the others be.

    Raises: Failure(UNAUTHENTICATED) when the EHR no longer takes the token.
    """
    reading = _Reading(session)
    person = reading.part("Patient", "the patient", lambda: [fhir.read("Patient", session.patient)])
    found = {
        type_: reading.part(type_, name, _search(fhir, session, type_, sort, limit))
        for type_, sort, limit, name in _SEARCHES
    }
    if len(found["Observation"]) >= OBSERVATIONS:
        reading.problem("measurements", f"only the newest {OBSERVATIONS} are shown")
    return Chart(
        patient=next(iter(person), None),
        observations=found["Observation"],
        assessments=found["RiskAssessment"],
        encounters=found["Encounter"],
        provenances=[
            *found["Provenance"],
            *_by_target(fhir, reading, found["Observation"], found["Provenance"]),
        ],
        devices=_devices(fhir, found["Observation"]) if reading.may("Device") else {},
        problems=tuple(reading.problems),
    )


class _Reading:
    """Reads part by part and remembers what could not be read, and why."""

    def __init__(self, session: Session) -> None:
        self.problems: list[Problem] = []
        self._lacking = withheld(session.scope)

    def may(self, type_: str) -> bool:
        """Whether the EHR granted this type."""
        return type_ not in self._lacking

    def problem(self, part: str, text: str) -> None:
        """Remember what the reader of the page has to know."""
        self.problems.append(Problem(part, text))

    def part(self, type_: str, name: str, read: Callable[[], list[Resource]]) -> list[Resource]:
        """What could be read of this type. Raises: Failure(UNAUTHENTICATED)."""
        if not self.may(type_):
            self.problem(name, "the EHR did not grant the permission to read it")
            return []
        try:
            return read()
        except Failure as failure:
            if failure.kind is Kind.UNAUTHENTICATED:
                raise
            log.info("part_not_read", part=type_, kind=failure.kind.name)
            self.problem(name, _WHY.get(failure.kind, "the EHR could not answer"))
            return []


def _search(
    fhir: Fhir, session: Session, type_: str, sort: str, limit: int
) -> Callable[[], list[Resource]]:
    params = {"patient": session.patient, "_count": str(min(limit, _PAGE))}
    if sort:
        params["_sort"] = sort
    return lambda: [
        each for each in fhir.search(type_, params, limit=limit) if _is_about(each, session.patient)
    ]


def _by_target(
    fhir: Fhir,
    reading: _Reading,
    observations: Sequence[Resource],
    known: Sequence[Resource],
) -> list[Resource]:
    """Provenance of the newest Observations that a search by patient did not find.

    A Provenance is found by patient only when it names the patient among its targets.
    """
    told = targets(known)
    named = [f"Observation/{each['id']}" for each in observations if each.get("id")]
    lacking = [reference for reference in named if reference not in told][:TARGETS]
    if not lacking or not reading.may("Provenance"):
        return []
    try:
        return fhir.search("Provenance", {"target": ",".join(lacking)}, limit=PROVENANCES)
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise
        log.info("part_not_read", part="Provenance", kind=failure.kind.name)
        return []


def _is_about(resource: Resource, patient: str) -> bool:
    """Whether a server that filters badly has not given us somebody else's resource."""
    subject = resource.get("subject")
    if resource.get("resourceType") == "Provenance" or not isinstance(subject, dict):
        return True
    said = str(subject.get("reference", ""))
    return said == f"Patient/{patient}" or said.endswith(f"/Patient/{patient}")


def _devices(fhir: Fhir, observations: Sequence[Resource]) -> dict[str, Resource]:
    """The devices that measured; one that cannot be read is shown by its reference."""
    named = dict.fromkeys(str(each.get("device", {}).get("reference", "")) for each in observations)
    read: dict[str, Resource] = {}
    for reference in [each for each in named if each.startswith("Device/")][:DEVICES]:
        try:
            read[reference] = fhir.read("Device", reference.removeprefix("Device/"))
        except Failure as failure:
            log.info("part_not_read", part="Device", kind=failure.kind.name)
    return read
