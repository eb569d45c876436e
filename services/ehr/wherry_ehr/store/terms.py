"""One term of a search becomes SQL over index rows, or over facets in the resource's row."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    exists,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from wherry_ehr.search.amounts import Amount
from wherry_ehr.search.extract import RECORD, UNIT
from wherry_ehr.search.params import Param
from wherry_ehr.search.query import AnyOf, Chain, Condition, Has, Term
from wherry_ehr.search.values import Targets, Text, Token, Value, When
from wherry_ehr.store.tables import amount, date, reference, string, token

Columns = tuple[ColumnElement[int], ColumnElement[int]]
Where = ColumnElement[bool]

_TABLES: dict[str, Any] = {
    "token": token,
    "reference": reference,
    "date": date,
    "string": string,
    "quantity": amount,
    "number": amount,
}

# Which kind of term narrows most; kinds that are not here never lead.
_RANK = {"id": 0, "identifier": 1, "reference": 2, "token": 3, "string": 4, "date": 5}
_RANK |= {"quantity": 6, "number": 6}
_NEVER = 99
_FEW = 20
_OVER_REFERENCES = 7
_LEADING = frozenset({"", "exact"})


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


def rank(term: Condition | None) -> int:
    """The lower, the fewer resources it finds; what does not lead ranks with None."""
    if isinstance(term, Chain):
        return _OVER_REFERENCES
    if not isinstance(term, Term) or term.param.facet or term.how not in _LEADING:
        return _NEVER
    if any(isinstance(value, Token) and value.code is None for value in term.values):
        return _NEVER
    return _RANK.get(term.param.name, _RANK.get(term.param.kind, _NEVER))


def leads_by_rows(term: Condition | None) -> bool:
    """Whether the index rows of this leading term are of one type already."""
    if isinstance(term, Term):
        return term.param.kind in _TABLES
    return isinstance(term, Chain | Has)


def term_of(term: Term, r: Any, *, leads: bool) -> Where:
    """What a row of `r` must fulfil. A leading term lists its resources by itself."""
    if by_modifier := _BY_MODIFIER.get(term.how):
        return by_modifier(term, r)
    if term.param.facet:
        return or_(*(_facet(term.param.key, value, r) for value in term.values))
    return _WHERE[term.param.kind](term, r, leads)


def any_of(term: AnyOf, r: Any) -> Where:
    """One of the pairs of a composite holds."""
    return or_(*(and_(*(term_of(one, r, leads=False) for one in pair)) for pair in term.choices))


def _facet(key: str, value: Value, r: Any) -> Where:
    asked = value if isinstance(value, Token) else Token("", str(value))
    needle = f"{UNIT}{key}{UNIT}"
    if asked.code is not None:
        needle = f"{RECORD}{asked.code}{needle}"
    if asked.system is not None:
        needle += f"{asked.system}{RECORD}"
    return position(r.c.facets, literal(needle)) > 0


def _holds_any(param: Param, r: Any) -> Where:
    """Whether the resource says anything that this parameter is about."""
    if param.kind in {"id", "updated"}:
        return true()
    marks = [f"{UNIT}{param.key}{UNIT}", f"{UNIT}{param.key}:text{UNIT}"]
    if param.kind == "reference":
        marks = [f"{UNIT}{param.key}:identifier{UNIT}"]
    choices: list[Where] = []
    if param.facet or param.kind in {"token", "reference"}:
        choices += [position(r.c.facets, literal(mark)) > 0 for mark in marks]
    if not param.facet:
        table = _TABLES[param.kind]
        rows = select(table.c.rid).where(table.c.param.in_(param.rows))
        if param.kind == "reference" and len(param.targets) < _FEW:  # others may share its rows
            named = [table.c.target.startswith(f"{type_}/") for type_ in sorted(param.targets)]
            rows = rows.where(or_(*named, table.c.target.contains(":")))
        choices.append(r.c.rid.in_(rows))
    return or_(*choices)


def _missing(term: Term, r: Any) -> Where:
    held = _holds_any(term.param, r)
    wanted = {value is True for value in term.values}
    if len(wanted) == 2:
        return true()
    return not_(held) if wanted == {True} else held


def _not(term: Term, r: Any) -> Where:
    """Source: FHIR R4 search, 3.1.1.4.10: also what has no value at all."""
    return not_(term_of(Term(term.param, term.values), r, leads=False))


def _text(term: Term, r: Any) -> Where:
    needles = [
        f"{UNIT}{term.param.key}:text{UNIT}{value.normal}"
        for value in term.values
        if isinstance(value, Text)
    ]
    return or_(*(position(r.c.facets, literal(needle)) > 0 for needle in needles))


def _identifier(term: Term, r: Any) -> Where:
    return or_(*(_facet(f"{term.param.key}:identifier", value, r) for value in term.values))


_BY_MODIFIER: dict[str, Callable[[Term, Any], Where]] = {
    "missing": _missing,
    "not": _not,
    "text": _text,
    "identifier": _identifier,
}


def _by_id(term: Term, r: Any, _leads: bool) -> Where:
    found: Where = r.c.id.in_([str(value) for value in term.values])
    return found


def _by_updated(term: Term, r: Any, _leads: bool) -> Where:
    # an instant is kept to the millisecond, so it covers one
    columns = (r.c.updated, r.c.updated + 1000)
    return or_(*(_compare(columns, value) for value in term.values if isinstance(value, When)))


def _by_token(term: Term, r: Any, leads: bool) -> Where:
    asked = [value for value in term.values if isinstance(value, Token)]
    # without a code no index finds the row of one resource, so all of the system are listed once
    listed = leads or any(one.code is None for one in asked)
    return _rows(token, term, r, listed, _tokens(asked))


def _tokens(asked: Sequence[Token]) -> Where:
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


def _by_reference(term: Term, r: Any, leads: bool) -> Where:
    targets = [one for value in term.values if isinstance(value, Targets) for one in value.any_of]
    return _rows(reference, term, r, leads, reference.c.target.in_(targets))


def _by_date(term: Term, r: Any, leads: bool) -> Where:
    columns = (date.c.start, date.c.stop)
    asked = [value for value in term.values if isinstance(value, When)]
    return _rows(date, term, r, leads, or_(*(_compare(columns, value) for value in asked)))


def _by_string(term: Term, r: Any, leads: bool) -> Where:
    how = _STRINGS[term.how]
    asked = [how(value) for value in term.values if isinstance(value, Text)]
    return _rows(string, term, r, leads, or_(*asked))


_STRINGS: dict[str, Callable[[Text], Where]] = {
    "": lambda text: and_(string.c.norm >= text.normal, string.c.norm < f"{text.normal}\U0010ffff"),
    "exact": lambda text: and_(string.c.norm == text.normal, string.c.exact == text.exact),
    "contains": lambda text: position(string.c.norm, literal(text.normal)) > 0,
}


def _by_amount(term: Term, r: Any, leads: bool) -> Where:
    asked = [_amount(value) for value in term.values if isinstance(value, Amount)]
    return _rows(amount, term, r, leads, or_(*asked))


def _amount(asked: Amount) -> Where:
    """Source: FHIR R4 search, 3.1.1.4.5 and 3.1.1.4.13."""
    low, high, value = amount.c.low, amount.c.high, asked.value
    inside = and_(low >= asked.low, high < asked.high)
    number = {
        "eq": inside,
        "ne": not_(inside),
        "gt": high > value,
        "lt": low < value,
        "ge": high >= value,
        "le": low <= value,
        "sa": low > value,
        "eb": high < value,
        "ap": and_(low <= asked.high, high >= asked.low),
    }[asked.prefix]
    if asked.code:
        coded = amount.c.code == asked.code
        if asked.system is None:  # the unit in either of its forms
            coded = or_(coded, amount.c.unit == asked.code)
        number = and_(number, coded)
    return number if asked.system is None else and_(number, amount.c.system == asked.system)


def _rows(table: Any, term: Term, r: Any, leads: bool, where: Where) -> Where:
    """A leading term lists its resources; any other looks into its table for the one at hand."""
    rows = term.param.rows
    named = table.c.param == rows[0] if len(rows) == 1 else table.c.param.in_(rows)
    if leads:
        found: Where = r.c.rid.in_(select(table.c.rid).where(named, where))
        return found
    return exists(select(1).where(table.c.rid == r.c.rid, named, where))


_WHERE: dict[str, Callable[[Term, Any, bool], Where]] = {
    "id": _by_id,
    "updated": _by_updated,
    "token": _by_token,
    "reference": _by_reference,
    "date": _by_date,
    "string": _by_string,
    "quantity": _by_amount,
    "number": _by_amount,
}


def _compare(columns: Columns, when: When) -> Where:
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
