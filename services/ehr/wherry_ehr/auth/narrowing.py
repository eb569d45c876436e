"""The search inside a scope becomes terms; one that cannot be held against a resource is none."""

from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qsl

from wherry.errors import Failure, Kind
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import Targets, Term, Token, When, parse

# Kinds of parameters that `interactions/limits.py` can hold against a resource at hand
KINDS = frozenset({"token", "reference", "date", "id"})

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def can_narrow(type_: str, query: str) -> bool:
    """Whether scopes with this search can be enforced here."""
    try:
        return bool(terms(type_, query))
    except Failure:
        return False


@lru_cache(1024)
def terms(type_: str, query: str) -> tuple[Term, ...]:
    """The terms of a scope's search. Raises: Failure(INVALID) for what cannot be enforced.

    Source: SMART 2.2, Scopes for requesting FHIR Resources, finer-grained constraints (R132, R135).
    """
    known = parameters().get(type_)
    pairs = parse_qsl(query, keep_blank_values=True)
    if known is None or not pairs:
        raise Failure(Kind.INVALID, "a type and a search are needed", at="scope")
    for name, _ in pairs:
        param = known.get(name)
        if param is None or param.kind not in KINDS:
            raise Failure(Kind.INVALID, "no parameter that can narrow a scope", at="scope")
    found = parse(type_, pairs, now=_EPOCH).terms
    # a modifier, also one that a plain value comes to, asks for more than is held here
    plain = tuple(term for term in found if isinstance(term, Term) and not term.how)
    fixed = all(_is_fixed(value) for term in plain for value in term.values)
    if len(plain) < len(found) or not fixed:
        raise Failure(Kind.INVALID, "no value that can narrow a scope", at="scope")
    return plain


def _is_fixed(value: object) -> bool:
    """Around `ap` means another span each day, so no scope may say it."""
    if isinstance(value, When):
        return value.prefix != "ap"
    return isinstance(value, Token | Targets | str)
