"""GET [type]?… and POST [type]/_search: a page of matches, and a link to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.fhir.interval import micros
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.search.query import Query, parse
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import Matches, View


@dataclass(frozen=True, slots=True)
class _Page:
    query: Query
    matches: Matches
    total: int
    address: str


LENIENT = "handling=lenient"
PAGE = "_page"


def search(ask: Ask, deps: Deps) -> Answer:
    """A searchset Bundle. Source: FHIR R4 http, 3.1.0.9."""
    with deps.store.view() as view:
        return search_in(view, ask, deps)


def search_in(view: View, ask: Ask, deps: Deps) -> Answer:
    """One page of this search in this view."""
    page = dict(ask.params).get(PAGE)
    if page is not None:
        return _next_page(view, ask, deps, page)
    query = parse(
        ask.type, ask.params, now=deps.clock.now(), base=ask.base, lenient=LENIENT in ask.prefer
    )
    address = f"{ask.base}/{ask.type}" + (f"?{urlencode(query.used)}" if query.used else "")
    matches = view.search(query)
    all_here = query.count > 0 and not matches.more  # then there is nothing left to count
    total = len(matches.found) if all_here else view.total(query)
    return _page(view, ask, deps, _Page(query, matches, total, address))


def searchset(
    base: str, found: Sequence[Found], *, total: int, self_link: str, next_link: str = ""
) -> msgspec.Raw:
    """The Bundle around these resources, their texts untouched."""
    links = [{"relation": "self", "url": self_link}]
    if next_link:
        links.append({"relation": "next", "url": next_link})
    bundle: dict[str, object] = {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": total,
        "link": links,
    }
    if found:
        bundle["entry"] = [
            {
                "fullUrl": f"{base}/{one.type}/{one.id}",
                "resource": msgspec.Raw(one.body.encode()),
                "search": {"mode": "match"},
            }
            for one in found
        ]
    return msgspec.Raw(encode(bundle))


def _page(view: View, ask: Ask, deps: Deps, page: _Page) -> Answer:
    next_link = ""
    if page.matches.more:
        token = deps.new_id()
        state = {
            "type": page.query.type,
            "used": page.query.used,
            "after": page.matches.more,
            "total": page.total,
        }
        view.promise(token, micros(deps.clock.now()), encode(state).decode())
        next_link = f"{ask.base}/{ask.type}?{PAGE}={token}"
    found = searchset(
        ask.base, page.matches.found, total=page.total, self_link=page.address, next_link=next_link
    )
    return Answer(200, bytes(found).decode())


def _next_page(view: View, ask: Ask, deps: Deps, token: str) -> Answer:
    """Goes on where the page before ended, whatever was written since."""
    text = view.page(token)
    state = decode(text) if text else None
    if state is None or state["type"] != ask.type:
        raise Failure(Kind.NOT_FOUND, "this page has expired; search again", at=PAGE)
    used = [(name, value) for name, value in state["used"]]
    query = parse(ask.type, used, now=deps.clock.now(), base=ask.base)
    matches = view.search(query, state["after"])
    address = f"{ask.base}/{ask.type}?{PAGE}={token}"
    return _page(view, ask, deps, _Page(query, matches, state["total"], address))
