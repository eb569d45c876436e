"""Many look-ups by identifier or id become one query."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer
from wherry_ehr.interactions.entries import Wanted
from wherry_ehr.interactions.gone import gone
from wherry_ehr.interactions.responses import failed
from wherry_ehr.interactions.search import searchset
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import MAX_COUNT, MAX_VALUES, Token, identifiers
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View

_T = TypeVar("_T")

_PAGE = re.compile(r"(?P<query>[^&]+)(?:&_count=(?P<count>[0-9]{1,8}))?")
_IDS = re.compile(r"_id=([A-Za-z0-9.-]+(?:,[A-Za-z0-9.-]+)*)")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A search by identifiers or by ids alone, and how many a page holds."""

    tokens: tuple[Token, ...]
    ids: tuple[str, ...]
    count: int


def together(reads: Mapping[int, Wanted], view: View, base: str) -> dict[int, Answer]:
    """Answers to plain reads and to searches by identifier or id.

    What is neither, or does not fit one page, stays unanswered.
    """
    return {**_reads(reads, view), **_searches(reads, view, base)}


def _reads(reads: Mapping[int, Wanted], view: View) -> dict[int, Answer]:
    asked = {n: (one.type, one.id) for n, one in reads.items() if one.id and not one.vid}
    found = view.by_targets(_by_type(asked.values()), bodies=True)
    return {n: _read(found.get(target), target[0]) for n, target in asked.items()}


def _read(found: Found | None, type_: str) -> Answer:
    if found is None:
        return failed(Failure(Kind.NOT_FOUND, "no resource has this id", at=type_))
    return gone(found) if found.gone else Answer(200, found.body, found.version)


def _searches(reads: Mapping[int, Wanted], view: View, base: str) -> dict[int, Answer]:
    searches = {
        n: asked
        for n, one in reads.items()
        if not one.id and (asked := _asked(one.type, one.query))
    }
    tokens = _by_type((reads[n].type, one) for n, asked in searches.items() for one in asked.tokens)
    ids = _by_type((reads[n].type, one) for n, asked in searches.items() for one in asked.ids)
    carriers = view.by_identifiers(tokens, bodies=True)
    named = view.by_targets(ids, bodies=True)
    answers = {}
    for n, asked in searches.items():
        type_ = reads[n].type
        found = {one.rid: one for key in asked.tokens for one in carriers.get((type_, key), ())}
        for id_ in asked.ids:
            if (one := named.get((type_, id_))) and not one.gone:
                found[one.rid] = one
        if len(found) <= asked.count:
            matches = [found[rid] for rid in sorted(found)]
            link = f"{base}/{reads[n].url}"
            bundle = searchset(base, matches, total=len(matches), self_link=link)
            answers[n] = Answer(200, bytes(bundle).decode())
    return answers


def _asked(type_: str, query: str) -> _Asked | None:
    """What this query asks for, when it asks for identifiers or ids and a page, no more."""
    page = _PAGE.fullmatch(query)
    if page is None or page["count"] == "0":
        return None
    tokens: tuple[Token, ...] = ()
    ids: tuple[str, ...] = ()
    if by_ids := _IDS.fullmatch(page["query"]):
        ids = tuple(by_ids[1].split(","))
    elif "identifier" in parameters()[type_]:
        tokens = identifiers(page["query"])
    if not 0 < len(tokens) + len(ids) <= MAX_VALUES:
        return None
    count = MAX_COUNT if page["count"] is None else min(int(page["count"]), MAX_COUNT)
    return _Asked(tokens, ids, count) if count else None


def _by_type(pairs: Iterable[tuple[str, _T]]) -> dict[str, set[_T]]:
    found: defaultdict[str, set[_T]] = defaultdict(set)
    for type_, one in pairs:
        found[type_].add(one)
    return found
