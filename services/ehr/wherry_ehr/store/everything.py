"""The resources of one patient's compartment, in the order in which they came."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import starmap

from sqlalchemy import ColumnElement, Connection, exists, not_, or_, select

from wherry.fhir.interval import AFTER_ALL, BEFORE_ALL
from wherry_ehr.search.params import lines, parameters
from wherry_ehr.store.lookup import CURRENT
from wherry_ehr.store.rows import Found
from wherry_ehr.store.tables import date, reference, resource, version

# When care happened, by the first of these that a type has; what was noted down comes last.
_CARE = (
    *("date", "period", "effective-time", "occurrence", "whenhandedover", "whenprepared"),
    *("collected", "onset-date", "start-date", "authoredon", "authored", "datetime", "created"),
    *("recorded-date", "recorded", "issued"),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which of them: written since, about care between, of these types; microseconds since 1970."""

    since: int = 0
    start: int = BEFORE_ALL
    end: int = AFTER_ALL
    types: frozenset[str] = frozenset()


def compartment_of(
    connection: Connection, patient: str, scope: Scope, after: int, limit: int
) -> Iterator[Found]:
    """The patient first, then what refers to it by R4's compartment; from after this row on."""
    r = resource.c
    of = select(reference.c.rid).where(
        reference.c.param.in_(_rows()), reference.c.target == f"Patient/{patient}"
    )
    is_patient = (r.type == "Patient") & (r.id == patient)
    itself = select(r.rid).where(is_patient)
    asked = (
        select(*CURRENT, version.c.body)
        .join_from(resource, version, version.c.seq == r.seq)
        .where(or_(r.rid.in_(of), r.rid.in_(itself)), r.gone.is_(False), r.rid > after)
        .order_by(r.rid)
        .limit(limit)
    )
    if scope.types:
        asked = asked.where(r.type.in_(sorted(scope.types)))
    if scope.since:
        asked = asked.where(r.updated >= scope.since)
    if (scope.start, scope.end) != (BEFORE_ALL, AFTER_ALL):
        asked = asked.where(or_(r.type == "Patient", _in_care(scope)))
    yield from starmap(Found, connection.execute(asked))


@cache
def is_of_compartment(type_: str) -> bool:
    """Whether R4's patient compartment holds resources of this type."""
    return type_ in _compartment()


def _in_care(scope: Scope) -> ColumnElement[bool]:
    """Care at that time; what says no time of care is not left out."""
    of = (date.c.rid == resource.c.rid, date.c.param.in_(_dates()))
    overlaps = (date.c.start < scope.end, date.c.stop > scope.start)
    return or_(exists(select(1).where(*of, *overlaps)), not_(exists(select(1).where(*of))))


@cache
def _compartment() -> dict[str, list[str]]:
    return {type_: names.split() for type_, names in lines("r4-patient-compartment.tsv")}


@cache
def _rows() -> list[str]:
    """The index rows by which resources refer to their patient; Device by Device.patient."""
    table = parameters()
    named = {**_compartment(), "Device": ["patient"]}
    rows = {
        table[type_][name].row
        for type_, names in named.items()
        for name in {*names, "patient"}
        if name in table.get(type_, {}) and table[type_][name].kind == "reference"
    }
    return sorted(rows)


@cache
def _dates() -> list[str]:
    rows = []
    for type_ in _compartment():
        held = parameters().get(type_, {})
        first = next((name for name in _CARE if name in held and held[name].kind == "date"), None)
        rows += [held[first].row] if first else []
    return sorted(rows)
