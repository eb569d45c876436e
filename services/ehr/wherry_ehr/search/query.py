"""Query parameters become a Query, or a Failure that names the parameter that cannot be done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote_plus

from wherry.errors import Failure, Kind
from wherry_ehr.search.params import Param, pair_of, paired_row, parameters, shared_element
from wherry_ehr.search.results import RESULTS, WHOLE, Asked
from wherry_ehr.search.types import types
from wherry_ehr.search.values import (
    Reading,
    Targets,
    Text,
    Token,
    Value,
    When,
    modifiers,
    read,
    safe,
    split,
    token,
)

__all__ = ["Targets", "Text", "Token", "Value", "When", "split", "token"]

Pairs = Sequence[tuple[str, str]]

DEFAULT_COUNT, MAX_COUNT = 50, 1000
MAX_VALUES = 500
"""In one search, over all its parameters: databases limit how long an expression may be."""
MAX_SORTS = 4
_IDENTIFIER = "identifier="
_SORTED_BY = frozenset({"id", "updated", "date", "string", "quantity", "number"})


@dataclass(frozen=True, slots=True)
class Term:
    """One parameter with values of which one must match; `how` is its modifier."""

    param: Param
    values: tuple[Value, ...]
    how: str = ""


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternatives of which one must hold, each with all of its terms."""

    choices: tuple[tuple[Term, ...], ...]


@dataclass(frozen=True, slots=True)
class Chain:
    """A reference to a resource that a search of its own finds, one search for each type."""

    param: Param
    targets: tuple["Query", ...]


@dataclass(frozen=True, slots=True)
class Has:
    """Another resource refers to this one by `param`, and a search of its own finds it."""

    param: Param
    referring: "Query"


Condition = Term | AnyOf | Chain | Has


@dataclass(frozen=True, slots=True)
class Query:
    """A whole search: every term must hold. `asked` is what the answer is to look like."""

    type: str
    terms: tuple[Condition, ...] = ()
    sort: tuple[tuple[str, bool], ...] = ()
    count: int = DEFAULT_COUNT
    used: tuple[tuple[str, str], ...] = ()
    asked: Asked = WHOLE


@dataclass(frozen=True, slots=True)
class _Parsing:
    """One search being read."""

    type: str
    reading: Reading
    nested: bool = False

    def term(self, name: str, value: str) -> Condition | None:
        """What this parameter asks; None when there is no such parameter."""
        if name.startswith("_has:"):
            return self._has(name, value)
        head, dot, tail = name.partition(".")
        if dot:
            return self._chain(head, tail, value)
        stem, _, modifier = name.partition(":")
        param = parameters()[self.type].get(stem)
        if param is None or (modifier and modifier not in modifiers(param)):
            return None
        if param.kind == "composite":
            return self._composite(param, value)
        return _deceased(self._plain(param, modifier, value))

    def _plain(self, param: Param, modifier: str, value: str) -> Term:
        parts = split(value, ",")
        if not all(parts):
            text = f"search parameter {param.name} has an empty value"
            raise Failure(Kind.INVALID, text, at=param.name)
        values = tuple(read(part, param, modifier, self.reading) for part in parts)
        return Term(param, values, "" if modifier in param.targets else modifier)

    def _composite(self, param: Param, value: str) -> AnyOf:
        choices: list[tuple[Term, ...]] = []
        for part in split(value, ","):
            halves = split(part, "$")
            if len(halves) != 2 or not all(halves):
                text = f"search parameter {param.name} needs two values with a $ between them"
                raise Failure(Kind.INVALID, text, at=param.name)
            for names in param.pairs:
                first, second = (parameters()[self.type][name] for name in names)
                choices += self._pair(first, second, halves)
        return AnyOf(tuple(choices))

    def _pair(self, first: Param, second: Param, halves: list[str]) -> Iterator[tuple[Term, ...]]:
        if first.kind == "reference":
            halves = halves[::-1]
        first, second = pair_of(first, second)
        asked = token(halves[0])
        if asked.code is None:
            text = "a composite needs a code, not a system alone"
            raise Failure(Kind.INVALID, text, at=first.name)
        value = self._plain(second, "", halves[1])
        if not shared_element(first, second):
            yield Term(first, (asked,)), value
            return
        row = paired_row(self.type, second, asked.system, asked.code)
        yield (replace(value, param=replace(second, rows=(row,), facet=False)),)

    def _chain(self, head: str, tail: str, value: str) -> Chain | None:
        stem, _, named = head.partition(":")
        param = parameters()[self.type].get(stem)
        if param is None or param.kind != "reference" or (named and named not in param.targets):
            return None
        self._refuse_depth(f"{head}.{tail}", tail)
        asked = tail.partition(":")[0]
        able = [type_ for type_ in sorted(param.targets) if asked in parameters()[type_]]
        targets = [named] if named else able
        inner = [(target, self._within(target).term(tail, value)) for target in targets]
        queries = tuple(Query(target, (term,)) for target, term in inner if term)
        return Chain(param, queries) if queries else None

    def _has(self, name: str, value: str) -> Has | None:
        _, type_, by, *tail = name.split(":", 3)
        param = parameters()[type_].get(by) if type_ in types() else None
        if not tail or param is None or self.type not in param.targets:
            return None
        self._refuse_depth(name, tail[0])
        term = self._within(type_).term(tail[0], value)
        return Has(param, Query(type_, (term,))) if term else None

    def _refuse_depth(self, name: str, tail: str) -> None:
        if self.nested or "." in tail or tail.startswith("_has"):
            text = f"search parameter {safe(name)} goes over more than one reference"
            raise Failure(Kind.INVALID, text, at=self.type)

    def _within(self, type_: str) -> "_Parsing":
        return _Parsing(type_, self.reading, nested=True)


def parse(
    type_: str, pairs: Pairs, *, now: datetime, base: str = "", lenient: bool = False
) -> Query:
    """Read a search of `type_`; `lenient` drops unknown parameters instead of refusing them.

    Raises: Failure(INVALID) at the parameter's name. Source: FHIR R4 search, 3.1.1.
    """
    terms: list[Condition] = []
    sort: tuple[tuple[str, bool], ...] = ()
    count = DEFAULT_COUNT
    used: list[tuple[str, str]] = []
    asked = WHOLE
    parsing = _Parsing(type_, Reading(now, base))
    for name, value in pairs:
        if "\0" in value:
            raise Failure(Kind.INVALID, "a value holds a NUL character", at=type_)
        if name == "_count":
            count = _count(value)
        elif name == "_sort":
            sort = _sort(type_, value)
        elif result := RESULTS.get(name):
            asked = result(asked, type_, value)
        elif name.startswith("_has:") and name.count(":") < 3:
            raise Failure(Kind.INVALID, "_has needs a type, a reference and a parameter", at=type_)
        elif term := parsing.term(name, value):
            terms.append(term)
        elif lenient:
            continue
        else:
            text = f"search parameter {safe(name)} is not supported"
            raise Failure(Kind.INVALID, text, at=type_)
        used.append((name, value))
    if sum(map(_values, terms)) > MAX_VALUES:
        raise Failure(Kind.INVALID, f"a search has at most {MAX_VALUES} values", at=type_)
    return Query(type_, tuple(terms), sort, count, tuple(used), asked)


@lru_cache(8192)  # a batch of searches and the transaction after it ask for the same
def identifiers(query: str) -> tuple[Token, ...]:
    """The identifiers that a query string asks for when it asks for nothing else."""
    if not query.startswith(_IDENTIFIER) or "&" in query:
        return ()
    text = query[len(_IDENTIFIER) :].replace("%7C", "|")
    if "%" in text or "+" in text:  # mostly only the bar is encoded, and unquoting takes long
        text = unquote_plus(query[len(_IDENTIFIER) :])
    asked = tuple([token(part) for part in split(text, ",")])
    return asked if all(one.code for one in asked) else ()


def reached(query: Query) -> set[str]:
    """Every type that this search looks into, its own included."""
    found = {query.type}
    for term in query.terms:
        if isinstance(term, Chain):
            found |= {type_ for target in term.targets for type_ in reached(target)}
        elif isinstance(term, Has):
            found |= reached(term.referring)
    return found


def _deceased(term: Term) -> Term:
    """Who is not said to be deceased is not. Source: FHIR R4 Patient, search parameters."""
    if term.param.name == "deceased" and term.values == (Token(None, "false"),) and not term.how:
        return Term(term.param, (Token(None, "true"),), "not")
    return term


def _values(term: Condition) -> int:
    if isinstance(term, Term):
        return len(term.values)
    if isinstance(term, AnyOf):
        return sum(len(choice) for choice in term.choices)
    if isinstance(term, Has):
        return sum(map(_values, term.referring.terms))
    return sum(_values(one) for target in term.targets for one in target.terms)


def _count(value: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 9):
        raise Failure(Kind.INVALID, "a number of resources is needed", at="_count")
    return min(int(value), MAX_COUNT)


def _sort(type_: str, value: str) -> tuple[tuple[str, bool], ...]:
    keys = tuple((key.removeprefix("-"), key.startswith("-")) for key in value.split(","))
    if len(keys) > MAX_SORTS:
        raise Failure(Kind.INVALID, f"at most {MAX_SORTS} parameters can be sorted by", at="_sort")
    for name, _ in keys:
        param = parameters()[type_].get(name)
        if param is None or param.kind not in _SORTED_BY:
            raise Failure(Kind.INVALID, f"cannot sort by {safe(name)}", at="_sort")
    return keys
