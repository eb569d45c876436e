"""Problems, allergies, encounters, orders and documents become the tables of a chart."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from wherry.resource import Resource
from wherry_ehr.chart.stay import current
from wherry_ehr.chart.words import UNKNOWN, WITHDRAWN, age, came_from, concept, moment


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is, its other cells, when, how long ago, and where it came from."""

    name: str
    cells: tuple[str, ...]
    time: str
    age: str
    source: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the chart: `columns` are those between name and time."""

    key: str
    title: str
    type: str
    first: str
    columns: tuple[str, ...]
    when: str
    lines: tuple[Line, ...] = ()
    cut: bool = False


_Cells = Callable[[Resource], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Kind:
    section: Section
    name: Callable[[Resource], str]
    cells: _Cells
    time: Callable[[Resource], str | None]
    narrowed: Mapping[str, str] = field(default_factory=dict)


def _first(held: Sequence[Any] | None) -> Mapping[str, Any]:
    return next((one for one in held or [] if isinstance(one, dict)), {})


def _code(resource: Resource) -> str:
    return concept(resource.get("code")) or UNKNOWN


def _medication(resource: Resource) -> str:
    named = resource.get("medicationReference", {})
    return concept(resource.get("medicationCodeableConcept")) or named.get("display") or UNKNOWN


def _dose(resource: Resource) -> str:
    said = [one.get("text") for one in resource.get("dosageInstruction", []) if one.get("text")]
    return "; ".join(said) or UNKNOWN


def _who(reference: Mapping[str, Any] | None) -> str:
    held = reference or {}
    return str(held.get("display") or held.get("reference") or UNKNOWN)


def _document(resource: Resource) -> str:
    kind = concept(resource.get("type"))
    return str(kind or resource.get("description") or "Document")


def _content(resource: Resource) -> tuple[str, ...]:
    attachment = _first(resource.get("content")).get("attachment", {})
    form = attachment.get("contentType") or UNKNOWN
    return str(resource.get("description") or attachment.get("title") or UNKNOWN), str(form)


def _onset(resource: Resource) -> str | None:
    names = ("onsetDateTime", "recordedDate", "assertedDate")
    return next((resource[name] for name in names if name in resource), None)


def _stay(resource: Resource) -> str:
    class_ = resource.get("class", {})
    return str(class_.get("display") or class_.get("code") or UNKNOWN)


def _stay_cells(resource: Resource) -> tuple[str, ...]:
    stay = current([resource])
    end = resource.get("period", {}).get("end")
    return (
        resource.get("status", UNKNOWN),
        stay.place if stay else UNKNOWN,
        moment(end) if end else "not ended",
    )


# Source: FHIR R4, the elements of each resource that a clinician reads first
KINDS: tuple[_Kind, ...] = (
    _Kind(
        Section("problems", "Problems", "Condition", "Problem", ("Clinical status",), "Onset"),
        _code,
        lambda r: (concept(r.get("clinicalStatus")) or UNKNOWN,),
        _onset,
    ),
    _Kind(
        Section(
            "allergies", "Allergies", "AllergyIntolerance", "Substance",
            ("Criticality", "Reaction"), "Recorded",
        ),
        _code,
        lambda r: (
            r.get("criticality", UNKNOWN),
            ", ".join(map(concept, _first(r.get("reaction")).get("manifestation", []))) or UNKNOWN,
        ),
        _onset,
    ),
    _Kind(
        Section(
            "encounters", "Encounters", "Encounter", "Class", ("Status", "Place", "Until"), "Since"
        ),
        _stay,
        _stay_cells,
        lambda r: r.get("period", {}).get("start"),
    ),
    _Kind(
        Section(
            "orders", "Medication orders", "MedicationRequest", "Medication",
            ("Dose", "Status", "Ordered by"), "Ordered",
        ),
        _medication,
        lambda r: (_dose(r), r.get("status", UNKNOWN), _who(r.get("requester"))),
        lambda r: r.get("authoredOn"),
    ),
    _Kind(
        Section(
            "services", "Other open orders", "ServiceRequest", "Order",
            ("Status", "Ordered by"), "Ordered",
        ),
        _code,
        lambda r: (r.get("status", UNKNOWN), _who(r.get("requester"))),
        lambda r: r.get("authoredOn"),
        {"status": "draft,active,on-hold"},
    ),
    _Kind(
        Section(
            "documents", "Documents", "DocumentReference", "Kind",
            ("Description", "Format"), "Written",
        ),
        _document,
        _content,
        lambda r: r.get("date"),
    ),
)  # fmt: skip
LIMIT = 50


def section(kind: _Kind, resources: Sequence[Resource], *, now: datetime) -> Section:
    """The section with a line for each resource that was not withdrawn, the newest first."""
    made = [
        (kind.time(each) or "", _line(kind, each, now))
        for each in resources[:LIMIT]
        if each.get("status") not in WITHDRAWN
    ]
    lines = [line for _, line in sorted(made, key=lambda one: one[0], reverse=True)]
    empty = kind.section
    return Section(
        empty.key,
        empty.title,
        empty.type,
        empty.first,
        empty.columns,
        empty.when,
        tuple(lines),
        cut=len(resources) > LIMIT,
    )


def _line(kind: _Kind, resource: Resource, now: datetime) -> Line:
    at = kind.time(resource)
    return Line(
        kind.name(resource), kind.cells(resource), moment(at), age(at, now), came_from(resource)
    )
