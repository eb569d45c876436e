"""Search terms held against a resource at hand, without asking the store."""

from collections.abc import Iterable

from wherry.fhir.interval import holds
from wherry.resource import Resource
from wherry_ehr.search.extract import RECORD, UNIT, Rows, index
from wherry_ehr.search.query import Targets, Term, Token, Value, When


class Searched:
    """What searches would find a resource by; it is worked out once."""

    def __init__(self, type_: str, resource: Resource) -> None:
        self._id = str(resource.get("id", ""))
        self._rows = Rows()
        self._facets = index(type_, resource, 0, {}, self._rows)

    def fulfils(self, terms: Iterable[Term]) -> bool:
        """Whether every term holds; a kind of term that is not known here never does."""
        return all(any(self._one(term, value) for value in term.values) for term in terms)

    def refers(self, row: str, target: str) -> bool:
        """Whether this reference parameter leads to the target."""
        return (row, target, 0) in self._rows.references

    def _one(self, term: Term, value: Value) -> bool:
        if isinstance(value, Token):
            return self._token(term, value)
        if isinstance(value, Targets):
            return any(self.refers(term.param.row, target) for target in value.any_of)
        if isinstance(value, When):
            return self._when(term, value)
        return term.param.kind == "id" and value == self._id

    def _token(self, term: Term, value: Token) -> bool:
        if term.param.facet:
            needle = f"{UNIT}{term.param.key}{UNIT}"
            if value.code is not None:
                needle = f"{RECORD}{value.code}{needle}"
            if value.system is not None:
                needle += f"{value.system}{RECORD}"
            return needle in self._facets
        return any(
            row == term.param.row and value.code in {None, code} and value.system in {None, system}
            for row, code, _, system in self._rows.tokens
        )

    def _when(self, term: Term, value: When) -> bool:
        return any(
            row == term.param.row and holds(value.prefix, (start, stop), value.span)
            for _, row, start, stop in self._rows.dates
        )
