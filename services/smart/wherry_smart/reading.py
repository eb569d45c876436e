"""A session becomes the patient's record, as far as the EHR lets its token read it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog

from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.resource import Resource
from wherry_smart.crowding import beside, crowded
from wherry_smart.deps import Each, deps
from wherry_smart.protocol.launches import Session
from wherry_smart.protocol.scopes import withheld
from wherry_smart.sessions import ended
from wherry_smart.summary.banner import named
from wherry_smart.summary.chart import Chart, Problem
from wherry_smart.summary.sources import targets
from wherry_smart.tokens import tokens

log = structlog.get_logger()

OBSERVATIONS, ASSESSMENTS, PROVENANCES, ENCOUNTERS, DEVICES = 1000, 200, 500, 20, 20
TARGETS = 100
"""Observations that one search of Provenance names."""
EVERYTHING = frozenset({"Patient", "Observation", "RiskAssessment", "Encounter", "Provenance"})

_PAGE = 1000

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


@dataclass(frozen=True, slots=True)
class _Read:
    """What could be read of one part, and what could not."""

    type_: str
    found: list[Resource] = field(default_factory=list)
    problem: Problem | None = None


def _nothing(_: Chart) -> None:
    return


def chart_of(
    session: Session,
    wanted: Collection[str] = EVERYTHING,
    *,
    first: Callable[[Chart], None] = _nothing,
) -> Chart:
    """The record of the session's patient. Raises: Failure(UNAUTHENTICATED, UNAVAILABLE).

    `first` is told what was read before the sources of the values are looked up, so that scoring
    need not wait for them.
    """
    given = tokens(session)
    try:
        with deps().fhir(given.base, given.access_token) as fhir:
            return read_chart(
                fhir, session.patient, given.scope, each=deps().each, wanted=wanted, first=first
            )
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:  # the EHR ended it before we did
            raise ended() from None
        raise


def name_of(session: Session) -> tuple[str, tuple[Problem, ...]]:
    """The name of who uses the app, as their own resource says it; empty when it cannot be read.

    Raises: Failure(UNAUTHENTICATED, UNAVAILABLE).
    """
    type_, _, id_ = session.person.partition("/")
    if not id_:
        return "", ()
    given = tokens(session)
    try:
        with deps().fhir(given.base, given.access_token) as fhir:
            return named(fhir.read(type_, id_).get("name", [])), ()
    except Failure as failure:
        if failure.kind is Kind.UNAUTHENTICATED:
            raise ended() from None
        text = _WHY.get(failure.kind, "the EHR could not answer")
        return "", (Problem("who uses the app", text),)


def read_chart(
    fhir: Fhir,
    patient: str,
    scope: str,
    *,
    each: Each,
    wanted: Collection[str] = EVERYTHING,
    first: Callable[[Chart], None] = _nothing,
) -> Chart:
    """The record of this patient, and of nobody else; parts that fail leave the others be.

    Raises: Failure(UNAUTHENTICATED) when the EHR no longer takes the token.
    """
    lacking = withheld(scope)
    asked: list[tuple[str, str, Callable[[], list[Resource]]]] = [
        ("Patient", "the patient", lambda: [fhir.read("Patient", patient)]),
        *(
            (type_, name, _search(fhir, patient, type_, sort, limit))
            for type_, sort, limit, name in _SEARCHES
        ),
    ]
    read = each([_part(*one, lacking) for one in asked if one[0] in wanted])
    found = {one.type_: one.found for one in read}
    problems = [one.problem for one in read if one.problem]
    observations = found.get("Observation", [])
    if len(observations) >= OBSERVATIONS:
        problems.append(Problem("measurements", f"only the newest {OBSERVATIONS} are shown"))
    if crowded(observations, OBSERVATIONS):
        apart = beside(fhir, patient, observations)
        observations = [*observations, *(one for one in apart if _is_about(one, patient))]
    chart = Chart(
        patient=next(iter(found.get("Patient", [])), None),
        observations=observations,
        assessments=found.get("RiskAssessment", []),
        encounters=found.get("Encounter", []),
        provenances=found.get("Provenance", []),
        problems=tuple(problems),
    )
    first(chart)
    if "Provenance" not in wanted:
        return chart
    more, devices = each(
        [
            lambda: _by_target(fhir, lacking, observations, chart.provenances),
            lambda: {} if "Device" in lacking else _devices(fhir, observations),
        ]
    )
    return replace(chart, provenances=[*chart.provenances, *more], devices=devices)


def _part(
    type_: str, name: str, read: Callable[[], list[Resource]], lacking: Collection[str]
) -> Callable[[], _Read]:
    """Reads one part and says why it could not. Raises: Failure(UNAUTHENTICATED)."""

    def part() -> _Read:
        if type_ in lacking:
            text = "the EHR did not grant the permission to read it"
            return _Read(type_, problem=Problem(name, text))
        try:
            return _Read(type_, read())
        except Failure as failure:
            if failure.kind is Kind.UNAUTHENTICATED:
                raise
            log.info("part_not_read", part=type_, kind=failure.kind.name)
            text = _WHY.get(failure.kind, "the EHR could not answer")
            return _Read(type_, problem=Problem(name, text))

    return part


def _search(
    fhir: Fhir, patient: str, type_: str, sort: str, limit: int
) -> Callable[[], list[Resource]]:
    params = {"patient": patient, "_count": str(min(limit, _PAGE))}
    if sort:
        params["_sort"] = sort
    return lambda: [
        each for each in fhir.search(type_, params, limit=limit) if _is_about(each, patient)
    ]


def _by_target(
    fhir: Fhir,
    lacking: Collection[str],
    observations: Sequence[Resource],
    known: Sequence[Resource],
) -> list[Resource]:
    """Provenance of the newest Observations that a search by patient did not find.

    A Provenance is found by patient only when it names the patient among its targets.
    """
    told = targets(known)
    named = [f"Observation/{each['id']}" for each in observations if each.get("id")]
    unknown = [reference for reference in named if reference not in told][:TARGETS]
    if not unknown or "Provenance" in lacking:
        return []
    try:
        return fhir.search("Provenance", {"target": ",".join(unknown)}, limit=PROVENANCES)
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


def _devices(fhir: Fhir, observations: Sequence[Resource]) -> Mapping[str, Any]:
    """The devices that measured; one that cannot be read has no name on the page."""
    named = dict.fromkeys(str(each.get("device", {}).get("reference", "")) for each in observations)
    read: dict[str, Resource] = {}
    for reference in [each for each in named if each.startswith("Device/")][:DEVICES]:
        try:
            read[reference] = fhir.read("Device", reference.removeprefix("Device/"))
        except Failure as failure:
            log.info("part_not_read", part="Device", kind=failure.kind.name)
    return read
