"""Many look-ups by identifier or id become one query per type."""

from collections import defaultdict
from collections.abc import Mapping

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer
from wherry_ehr.interactions.entries import Wanted
from wherry_ehr.interactions.gone import gone
from wherry_ehr.interactions.responses import failed
from wherry_ehr.interactions.search import searchset
from wherry_ehr.search.params import parameters
from wherry_ehr.search.query import MAX_COUNT, Token, identifiers
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View


def together(reads: Mapping[int, Wanted], view: View, base: str) -> dict[int, Answer]:
    """Answers to plain reads and identifier searches; what is neither stays unanswered."""
    return {**_reads(reads, view), **_searches(reads, view, base)}


def _reads(reads: Mapping[int, Wanted], view: View) -> dict[int, Answer]:
    asked: defaultdict[str, dict[int, str]] = defaultdict(dict)
    for n, one in reads.items():
        if one.id and not one.vid:
            asked[one.type][n] = one.id
    answers = {}
    for type_, ids in asked.items():
        found = view.by_ids(type_, set(ids.values()), bodies=True)
        for n, id_ in ids.items():
            answers[n] = _read(found.get(id_), type_)
    return answers


def _read(found: Found | None, type_: str) -> Answer:
    if found is None:
        return failed(Failure(Kind.NOT_FOUND, "no resource has this id", at=type_))
    return gone(found) if found.gone else Answer(200, found.body, found.version)


def _searches(reads: Mapping[int, Wanted], view: View, base: str) -> dict[int, Answer]:
    asked: defaultdict[str, dict[int, tuple[Token, ...]]] = defaultdict(dict)
    for n, one in reads.items():
        if not one.id and "identifier" in parameters()[one.type]:
            asked[one.type][n] = identifiers(one.query)
    answers = {}
    for type_, searches in asked.items():
        wanted = {one for tokens in searches.values() for one in tokens}
        carriers = view.by_identifiers(type_, wanted, bodies=True)
        for n, tokens in searches.items():
            found = {one.rid: one for key in tokens for one in carriers.get(key, ())}
            if tokens and len(found) <= MAX_COUNT:
                matches = [found[rid] for rid in sorted(found)]
                link = f"{base}/{reads[n].url}"
                bundle = searchset(base, matches, total=len(matches), self_link=link)
                answers[n] = Answer(200, bytes(bundle).decode())
    return answers
