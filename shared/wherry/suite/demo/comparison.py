"""What a FHIR server holds and what the feed said become the differences between them."""

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from wherry.fhir.systems import LOINC
from wherry.resource import Resource
from wherry.suite.demo.feed import Feed, Result


@dataclass(frozen=True, slots=True)
class Held:
    """What was read back: per MRN the resources of its Patient."""

    patients: dict[str, list[Resource]] = field(repr=False)
    encounters: dict[str, list[Resource]] = field(repr=False)
    reports: dict[str, list[Resource]] = field(repr=False)
    observations: dict[str, list[Resource]] = field(repr=False)
    problems: dict[str, list[Resource]] = field(default_factory=dict, repr=False)
    allergies: dict[str, list[Resource]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the balance: how many were sent, found, lost and too many."""

    name: str
    sent: int
    found: int
    lost: int
    surplus: int

    @property
    def even(self) -> bool:
        """Whether everything that was sent is there once, and nothing else in its place."""
        return not self.lost and not self.surplus


def balance(feed: Feed, held: Held) -> list[Line]:
    """One line per resource type; what earlier runs left behind is not counted."""
    instants = {(result.mrn, result.code, result.at) for result in feed.results}
    found_results = [
        found
        for mrn, observations in held.observations.items()
        for observation in observations
        for found in results(mrn, observation)
        if (found.mrn, found.code, found.at) in instants
    ]
    found_reports = [
        (mrn, _code(report), moment(report.get("effectiveDateTime", "")))
        for mrn, reports in held.reports.items()
        for report in reports
    ]
    found_visits = [
        (mrn, identifier.get("value", ""))
        for mrn, encounters in held.encounters.items()
        for encounter in encounters
        for identifier in encounter.get("identifier", [{}])
    ]
    return [
        _line("Patient", feed.mrns, [mrn for mrn, found in held.patients.items() for _ in found]),
        _line("Encounter", feed.visits, found_visits),
        _line("Condition", feed.problems, _codes(held.problems)),
        _line("AllergyIntolerance", feed.allergies, _codes(held.allergies)),
        _line("DiagnosticReport", feed.reports, [r for r in found_reports if r in feed.reports]),
        _line("Observation", feed.results, found_results),
    ]


def _codes(held: dict[str, list[Resource]]) -> list[tuple[str, str]]:
    return [(mrn, _first_code(each)) for mrn, found in held.items() for each in found]


def _first_code(resource: Resource) -> str:
    codings: list[Resource] = resource.get("code", {}).get("coding", [])
    return str(codings[0].get("code", "")) if codings else ""


def record(sent: Collection[Hashable], found: Sequence[Hashable]) -> Line:
    """The line of what came through the FHIR API itself."""
    return _line("Orders, documents", sent, found)


def readings(name: str, sent: Collection[Result], found: Sequence[Result]) -> Line:
    """The line of one source's readings; what earlier runs left behind is not counted."""
    instants = {(result.mrn, result.code, result.at) for result in sent}
    mine = [one for one in found if (one.mrn, one.code, one.at) in instants]
    return _line(name, sent, mine)


def results(mrn: str, observation: Resource) -> Iterator[Result]:
    """The values of one Observation and of its components."""
    at = moment(observation.get("effectiveDateTime", ""))
    for valued in (observation, *observation.get("component", ())):
        value = _value(valued)
        if at is not None and value:
            yield Result(mrn, _code(valued), at, value)


def moment(text: str) -> datetime | None:
    """A FHIR dateTime with a time of day; None for anything else."""
    if "T" not in text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _value(valued: Resource) -> str:
    """Comparator and digits, the LOINC answer, or the reason why there is no value."""
    if "valueQuantity" in valued:
        quantity = valued["valueQuantity"]
        return f"{quantity.get('comparator', '')}{quantity.get('value', '')}"
    if "dataAbsentReason" in valued:
        codings: list[Resource] = valued["dataAbsentReason"].get("coding", [])
        return str(codings[0].get("code", "")) if codings else ""
    return _loinc(valued.get("valueCodeableConcept", {}))


def _code(valued: Resource) -> str:
    return _loinc(valued.get("code", {}))


def _loinc(concept: Resource) -> str:
    codings = concept.get("coding", ())
    return next((str(c.get("code", "")) for c in codings if c.get("system") == LOINC), "")


def _line(name: str, sent: Collection[Hashable], found: Sequence[Hashable]) -> Line:
    wanted, there = Counter(sent), Counter(found)
    lost, surplus = wanted - there, there - wanted
    return Line(name, wanted.total(), there.total(), lost.total(), surplus.total())
