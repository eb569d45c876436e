"""GET [type]?… and POST [type]/_search: a page of matches, and a link to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from wherry.codec import encode
from wherry.fhir.outcome import outcome
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import must, within
from wherry_ehr.interactions.includes import MAX_INCLUDED, NOTHING, Included, included
from wherry_ehr.interactions.pages import PAGE, address, kept, promised
from wherry_ehr.interactions.shape import LENIENT, shaped
from wherry_ehr.search.query import Query, parse
from wherry_ehr.search.results import WHOLE, Asked
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import Matches, View

_LEFT_OUT = f"more than {MAX_INCLUDED} resources would come along; the others are left out"


@dataclass(frozen=True, slots=True)
class _Page:
    query: Query
    matches: Matches
    total: int | None
    address: str


def search(ask: Ask, deps: Deps) -> Answer:
    """A searchset Bundle. Source: FHIR R4 http, 3.1.0.9."""
    with deps.store.view() as view:
        return search_in(view, ask, deps)


def search_in(view: View, ask: Ask, deps: Deps) -> Answer:
    """One page of this search in this view."""
    must(ask, "s")
    if state := kept(view, ask):
        return _next_page(view, ask, deps, state)
    query = parse(
        ask.type, ask.params, now=deps.clock.now(), base=ask.base, lenient=LENIENT in ask.prefer
    )
    used = f"?{urlencode(query.used)}" if query.used else ""
    query = within(query, ask.limits, view)
    counted = query.asked.summary == "count"
    matches = Matches(()) if counted else view.search(query)
    all_here = query.count > 0 and not matches.more and not counted  # nothing is left to count
    total: int | None = len(matches.found) if all_here else None
    if total is None and (counted or query.asked.total != "none"):
        total = view.total(query)
    return _page(view, ask, deps, _Page(query, matches, total, f"{address(ask)}{used}"))


def searchset(
    base: str,
    found: Sequence[Found],
    *,
    total: int | None,
    self_link: str,
    next_link: str = "",
    asked: Asked = WHOLE,
    along: Included = NOTHING,
) -> msgspec.Raw:
    """The Bundle around these resources, their texts untouched unless less of them was asked."""
    links = [{"relation": "self", "url": self_link}]
    if next_link:
        links.append({"relation": "next", "url": next_link})
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
    if total is not None:
        bundle["total"] = total
    bundle["link"] = links
    entries = [_entry(base, one, "match", asked) for one in found]
    entries += [_entry(base, one, "include", asked) for one in along.found]
    if not along.all_of_them:
        text = outcome("incomplete", _LEFT_OUT, severity="warning")
        entries.append({"resource": text, "search": {"mode": "outcome"}})
    if entries:
        bundle["entry"] = entries
    return msgspec.Raw(encode(bundle))


def _entry(base: str, found: Found, mode: str, asked: Asked) -> dict[str, Any]:
    return {
        "fullUrl": f"{base}/{found.type}/{found.id}",
        "resource": msgspec.Raw(shaped(found, asked).encode()),
        "search": {"mode": mode},
    }


def _page(view: View, ask: Ask, deps: Deps, page: _Page) -> Answer:
    next_link = ""
    if page.matches.more:
        state = {"used": page.query.used, "after": page.matches.more, "total": page.total}
        next_link = promised(view, ask, deps, state)
    asked = page.query.asked
    along = included(view, page.matches.found, asked, base=ask.base, limits=ask.limits)
    found = searchset(
        ask.base,
        page.matches.found,
        total=page.total,
        self_link=page.address,
        next_link=next_link,
        asked=asked,
        along=along,
    )
    return Answer(200, bytes(found).decode())


def _next_page(view: View, ask: Ask, deps: Deps, state: dict[str, Any]) -> Answer:
    """Goes on where the page before ended, whatever was written since."""
    used = [(name, value) for name, value in state["used"]]
    query = parse(ask.type, used, now=deps.clock.now(), base=ask.base)
    query = within(query, ask.limits, view)
    matches = view.search(query, state["after"])
    here = f"{address(ask)}?{PAGE}={dict(ask.params)[PAGE]}"
    # how many another caller may see is not this one's to know
    total = state["total"] if ask.limits is None else view.total(query)
    return _page(view, ask, deps, _Page(query, matches, total, here))
