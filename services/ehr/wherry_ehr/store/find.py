"""A Query becomes SQL: the narrowest term finds candidates, the others are asked of each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from wherry.fhir.interval import AFTER_ALL, BEFORE_ALL
from wherry_ehr.search.amounts import LEAST, MOST
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import Chain, Condition, Has, Query, Term
from wherry_ehr.store.lookup import current_of
from wherry_ehr.store.tables import amount, date, reference, resource, string, version
from wherry_ehr.store.terms import any_of, leads_by_rows, rank, term_of

_HIGHEST = "\U0010ffff"


def page_of(query: Query, after: Sequence[Any]) -> Select[Any]:
    """Current resources that match, in the query's order, from after the given sort keys on."""
    r = resource
    keys = _sort_keys(query, r)
    columns = [column.label(f"key_{n}") for n, (column, _) in enumerate(keys)]
    asked = (
        select(*columns, *current_of(r), version.c.body)
        .select_from(r.join(version, version.c.seq == r.c.seq))
        .where(*matching(query, r))
        .order_by(*(column.desc() if down else column.asc() for column, down in keys))
    )
    return asked.where(_after(keys, after)) if after else asked


def count_of(query: Query) -> Select[Any]:
    """How many current resources match."""
    return select(func.count()).select_from(resource).where(*matching(query, resource))


def matching(query: Query, r: Any) -> list[ColumnElement[bool]]:
    """What a row of `r`, the resources, must fulfil."""
    leader = min(query.terms, key=rank, default=None)
    if leader is not None and rank(leader) >= rank(None):
        leader = None
    # The index rows of a leading term are of this type already; to ask for the type as well makes
    # SQLite, which knows nothing of the sizes, walk all resources of the type.
    of_type = [] if leads_by_rows(leader) else [r.c.type == query.type]
    return [
        *of_type,
        r.c.gone.is_(False),
        *(_condition(term, r, leads=term is leader) for term in query.terms),
    ]


def _condition(term: Condition, r: Any, *, leads: bool) -> ColumnElement[bool]:
    if isinstance(term, Term):
        return term_of(term, r, leads=leads)
    if isinstance(term, Chain):
        return _chain(term, r)
    if isinstance(term, Has):
        return _has(term, r)
    return any_of(term, r)


def _chain(term: Chain, r: Any) -> ColumnElement[bool]:
    """Refers to a resource that another search finds."""
    named = reference.alias()
    choices = []
    for inner in term.targets:
        other = resource.alias()
        found = select(inner.type + "/" + other.c.id).where(*matching(inner, other))
        choices.append(named.c.target.in_(found))
    asked = select(named.c.rid).where(named.c.param == term.param.row, or_(*choices))
    return _column(r.c.rid).in_(asked)


def _has(term: Has, r: Any) -> ColumnElement[bool]:
    """Is referred to by a resource that another search finds."""
    named, other = reference.alias(), resource.alias()
    asked = (
        select(named.c.target)
        .join(other, other.c.rid == named.c.rid)
        .where(named.c.param == term.param.row, *matching(term.referring, other))
    )
    return _column(r.c.type + "/" + r.c.id).in_(asked)


def _column(column: Any) -> ColumnElement[Any]:
    found: ColumnElement[Any] = column
    return found


def _sort_keys(query: Query, r: Any) -> list[tuple[ColumnElement[Any], bool]]:
    """Columns and whether they run down; the row number last makes the order total."""
    keys = [(_sort_key(query.type, name, down, r), down) for name, down in query.sort]
    return [*keys, (r.c.rid, keys[0][1] if keys else False)]


# By kind: the table, the column for each direction, and what stands in where nothing is held: it
# comes last, whichever way the order runs.
_EDGES: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "date": (date, func.min(date.c.start), AFTER_ALL, func.max(date.c.stop), BEFORE_ALL),
    "string": (string, func.min(string.c.norm), _HIGHEST, func.max(string.c.norm), ""),
    "quantity": (amount, func.min(amount.c.low), MOST, func.max(amount.c.high), LEAST),
    "number": (amount, func.min(amount.c.low), MOST, func.max(amount.c.high), LEAST),
}


def _sort_key(type_: str, name: str, down: bool, r: Any) -> ColumnElement[Any]:
    if name == "_id":
        return _column(r.c.id)
    if name == "_lastUpdated":
        return _column(r.c.seq)
    param = parameters()[type_][name]
    table, first, last_up, greatest, last_down = _EDGES[param.kind]
    edge, missing = (greatest, last_down) if down else (first, last_up)
    rows = table.c.param.in_(param.rows) if len(param.rows) > 1 else table.c.param == param.row
    held = select(edge).where(table.c.rid == r.c.rid, rows).scalar_subquery()
    return case((held.is_(None), missing), else_=held)


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
