"""What a caller may do: three questions that every interaction asks, and nobody else answers."""

from dataclasses import replace
from typing import Protocol

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Ask
from wherry_ehr.search.query import Chain, Condition, Has, Query, reached
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View


class Limits(Protocol):
    """One caller's limits. Letters are those of SMART 2.2 scopes: c, r, u, d, s.

    r is read, vread and the history of a resource; s is search, the history of a type and of all;
    u is update and patch. Source: SMART 2.2, Scopes for requesting FHIR Resources (R120 to R136).
    """

    def may(self, type_: str, letter: str, id_: str = "", /) -> bool:
        """Whether anything of this type may be asked for at all."""
        ...

    def free(self, type_: str, letter: str, /) -> bool:
        """Whether everything of this type is within the limits, so that ids tell nothing."""
        ...

    def narrowed(self, query: Query, letter: str, view: View, /) -> Query:
        """This search with what else has to hold. Raises: Failure(FORBIDDEN)."""
        ...

    def holds(self, type_: str, body: str, letter: str, view: View, /) -> bool:
        """Whether this version, as JSON text, is within the limits."""
        ...


def must(ask: Ask, letter: str) -> None:
    """Raises: Failure(FORBIDDEN) when the caller may not do this to this type."""
    if ask.limits is not None and not ask.limits.may(ask.type, letter, ask.id):
        raise outside()


def sees(limits: Limits | None, found: Found, letter: str, view: View) -> bool:
    """Whether this version, whose text is there, may be shown to the caller."""
    return limits is None or (
        limits.may(found.type, letter, found.id)
        and limits.holds(found.type, found.body, letter, view)
    )


def within(query: Query, limits: Limits | None, view: View) -> Query:
    """A search that finds what the caller may see, whatever types it goes over.

    Raises: Failure(FORBIDDEN) when one of them may not be searched.
    """
    if limits is None:
        return query
    if not all(limits.may(type_, "s") for type_ in reached(query)):
        raise outside()
    terms = tuple(_within(term, limits, view) for term in query.terms)
    return limits.narrowed(replace(query, terms=terms), "s", view)


def outside() -> Failure:
    """What the caller's limits do not cover."""
    return Failure(Kind.FORBIDDEN, "the token's scope does not cover this")


def unknown(type_: str) -> Failure:
    """The one answer about what is not there and about what is not the caller's to know."""
    return Failure(Kind.NOT_FOUND, "no resource has this id", at=type_)


def _within(term: Condition, limits: Limits, view: View) -> Condition:
    if isinstance(term, Chain):
        return replace(term, targets=tuple(within(one, limits, view) for one in term.targets))
    if isinstance(term, Has):
        return replace(term, referring=within(term.referring, limits, view))
    return term
