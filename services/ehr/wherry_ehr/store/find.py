"""A Query becomes SQL: the narrowest term finds candidates, the others are asked of each."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from wherry.fhir.interval import AFTER_ALL, BEFORE_ALL
from wherry_ehr.search.extract import RECORD, UNIT
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import AnyOf, Condition, Query, Targets, Term, Token, Value, When
from wherry_ehr.store.lookup import CURRENT
from wherry_ehr.store.tables import date, reference, resource, token, version

_ROWS = frozenset({"token", "reference", "date"})
Columns = tuple[ColumnElement[int], ColumnElement[int]]


class position(FunctionElement[int]):
    """Where the second text starts inside the first, 0 when it is not there."""

    type = Integer()
    inherit_cache = True


@compiles(position, "postgresql")
def _strpos(element: position, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **kwargs)})"


@compiles(position, "sqlite")
def _instr(element: position, compiler: SQLCompiler, **kwargs: Any) -> str:
    return f"instr({compiler.process(element.clauses, **kwargs)})"


# Which kind of term narrows most; kinds that are not here never lead.
_RANK = {"id": 0, "identifier": 1, "reference": 2, "token": 3, "date": 4}


def page_of(query: Query, after: Sequence[Any]) -> Select[Any]:
    """Current resources that match, in the query's order, from after the given sort keys on."""
    keys = _sort_keys(query)
    columns = [column.label(f"key_{n}") for n, (column, _) in enumerate(keys)]
    asked = (
        select(*columns, *CURRENT, version.c.body)
        .select_from(resource.join(version, version.c.seq == resource.c.seq))
        .where(*_matching(query))
        .order_by(*(column.desc() if down else column.asc() for column, down in keys))
    )
    return asked.where(_after(keys, after)) if after else asked


def count_of(query: Query) -> Select[Any]:
    """How many current resources match."""
    return select(func.count()).select_from(resource).where(*_matching(query))


def _matching(query: Query) -> list[ColumnElement[bool]]:
    leader = min(query.terms, key=_rank, default=None)
    if leader is not None and _rank(leader) > max(_RANK.values()):
        leader = None
    # The index rows of a leading term are of this type already; to ask for the type as well makes
    # SQLite, which knows nothing of the sizes, walk all resources of the type.
    by_rows = isinstance(leader, Term) and leader.param.kind in _ROWS
    of_type = [] if by_rows else [resource.c.type == query.type]
    return [
        *of_type,
        resource.c.gone.is_(False),
        *(_where(term, leads=term is leader) for term in query.terms),
    ]


def _rank(term: Condition) -> int:
    if isinstance(term, AnyOf) or term.param.facet:
        return 99
    return _RANK.get(term.param.name, _RANK.get(term.param.kind, 99))


def _where(term: Condition, *, leads: bool) -> ColumnElement[bool]:
    if isinstance(term, AnyOf):
        choices = (and_(*(_where(one, leads=False) for one in some)) for some in term.choices)
        return or_(*choices)
    if term.param.facet:
        return or_(*(_facet(term.param.name, value) for value in term.values))
    return _WHERE[term.param.kind](term, leads)


def _facet(name: str, value: Value) -> ColumnElement[bool]:
    assert isinstance(value, Token)  # noqa: S101 - facets are tokens by their table
    needle = f"{UNIT}{name}{UNIT}"
    if value.code is not None:
        needle = f"{RECORD}{value.code}{needle}"
    if value.system is not None:
        needle += f"{value.system}{RECORD}"
    return position(resource.c.facets, literal(needle)) > 0


def _by_id(term: Term, _leads: bool) -> ColumnElement[bool]:
    return resource.c.id.in_([str(value) for value in term.values])


def _by_updated(term: Term, _leads: bool) -> ColumnElement[bool]:
    # an instant is kept to the millisecond, so it covers one
    columns = (resource.c.updated, resource.c.updated + 1000)
    return or_(*(_compare(columns, value) for value in term.values if isinstance(value, When)))


def _by_token(term: Term, leads: bool) -> ColumnElement[bool]:
    asked = [value for value in term.values if isinstance(value, Token)]
    return _rows(token, term, leads, _tokens(asked))


def _tokens(asked: Sequence[Token]) -> ColumnElement[bool]:
    """Codes of one system go into one IN list: hundreds of identifiers stay one index walk each."""
    groups: dict[str | None, list[str]] = {}
    whole_systems = []
    for one in asked:
        if one.code is None:
            whole_systems.append(one.system)
        else:
            groups.setdefault(one.system, []).append(one.code)
    choices = [
        and_(token.c.value.in_(codes), true() if system is None else token.c.system == system)
        for system, codes in groups.items()
    ]
    if whole_systems:
        return or_(*choices, *(token.c.system == system for system in whole_systems))
    if len(choices) == 1:
        return choices[0]
    # said once for all systems, or the planners see no way to use the index
    every = sorted({code for codes in groups.values() for code in codes})
    return and_(token.c.value.in_(every), or_(*choices))


def _by_reference(term: Term, leads: bool) -> ColumnElement[bool]:
    targets = [one for value in term.values if isinstance(value, Targets) for one in value.any_of]
    return _rows(reference, term, leads, reference.c.target.in_(targets))


def _by_date(term: Term, leads: bool) -> ColumnElement[bool]:
    columns = (date.c.start, date.c.stop)
    asked = [value for value in term.values if isinstance(value, When)]
    return _rows(date, term, leads, or_(*(_compare(columns, value) for value in asked)))


def _rows(table: Any, term: Term, leads: bool, where: ColumnElement[bool]) -> ColumnElement[bool]:
    """A leading term lists its resources; any other looks into its table for the one at hand."""
    named = table.c.param == term.param.row
    if leads:
        return resource.c.rid.in_(select(table.c.rid).where(named, where))
    return exists(select(1).where(table.c.rid == resource.c.rid, named, where))


_WHERE: dict[str, Callable[[Term, bool], ColumnElement[bool]]] = {
    "id": _by_id,
    "updated": _by_updated,
    "token": _by_token,
    "reference": _by_reference,
    "date": _by_date,
}


def _compare(columns: Columns, when: When) -> ColumnElement[bool]:
    """Source: FHIR R4 search, 3.1.1.4.5; the same table as wherry.fhir.interval.holds."""
    (start, stop), (low, high) = columns, when.span
    inside = and_(start >= low, stop <= high)
    return {
        "eq": inside,
        "ne": ~inside,
        "gt": stop > high,
        "lt": start < low,
        "ge": or_(stop > high, inside),
        "le": or_(start < low, inside),
        "sa": start >= high,
        "eb": stop <= low,
        "ap": and_(start < high, stop > low),
    }[when.prefix]


def _sort_keys(query: Query) -> list[tuple[ColumnElement[Any], bool]]:
    """Columns and whether they run down; the row number last makes the order total."""
    keys = [(_sort_key(query.type, name, down), down) for name, down in query.sort]
    return [*keys, (resource.c.rid, keys[0][1] if keys else False)]


def _sort_key(type_: str, name: str, down: bool) -> ColumnElement[Any]:
    if name == "_id":
        return resource.c.id
    if name == "_lastUpdated":
        return resource.c.seq
    row = parameters()[type_][name].row
    edge, missing = (
        (func.max(date.c.stop), BEFORE_ALL) if down else (func.min(date.c.start), AFTER_ALL)
    )
    held = select(edge).where(date.c.rid == resource.c.rid, date.c.param == row).scalar_subquery()
    return func.coalesce(held, missing)


def _after(
    keys: Sequence[tuple[ColumnElement[Any], bool]], after: Sequence[Any]
) -> ColumnElement[bool]:
    """Later in the order than the given keys: equal in the first ones, further in the next."""
    choices = []
    for n, (column, down) in enumerate(keys):
        same = [earlier == after[m] for m, (earlier, _) in enumerate(keys[:n])]
        further = column < after[n] if down else column > after[n]
        choices.append(and_(*same, further))
    return or_(*choices)
