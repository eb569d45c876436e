"""GET …/_history: the versions of one resource, of a type, or of all, newest first."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.interval import interval
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.allowed import Limits, must, sees, unknown
from wherry_ehr.interactions.pages import PAGE, address, kept, promised
from wherry_ehr.interactions.shape import LENIENT
from wherry_ehr.search.query import DEFAULT_COUNT, MAX_COUNT
from wherry_ehr.search.results import check_format
from wherry_ehr.search.values import safe
from wherry_ehr.store.log import Span, versions, versions_count
from wherry_ehr.store.rows import Found
from wherry_ehr.store.sql_store import View


@dataclass(frozen=True, slots=True)
class _Asked:
    """How many versions, since when, and from before which one on."""

    count: int = DEFAULT_COUNT
    since: int = 0
    before: int = 0


def history(ask: Ask, deps: Deps) -> Answer:
    """A history Bundle. Source: FHIR R4 http, 3.1.0.13."""
    with deps.store.view() as view:
        return history_in(view, ask, deps)


def history_in(view: View, ask: Ask, deps: Deps) -> Answer:
    """One page of it in this view. Raises: Failure(NOT_FOUND) for an id that never was."""
    letter = "r" if ask.id else "s"
    if ask.type or ask.limits is None:
        must(ask, letter)
    if state := kept(view, ask):
        asked = _Asked(state["count"], state["since"], state["before"])
        here = f"{address(ask)}?{PAGE}={dict(ask.params)[PAGE]}"
    else:
        asked, here = _read(ask), address(ask) + (f"?{urlencode(ask.params)}" if ask.params else "")
    span = Span(ask.type, ask.id, asked.since)
    found = _seen(view, span, asked, letter, ask.limits)
    if ask.id and not found and not asked.before and not _was_ever(view, ask, letter):
        raise unknown(ask.type)
    page, more = found[: asked.count], len(found) > asked.count > 0
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "history"}
    if ask.limits is None:  # how many others there are is not a limited caller's to know
        bundle["total"] = versions_count(view.connection, span)
    bundle["link"] = [{"relation": "self", "url": here}]
    if more:
        after = {"count": asked.count, "since": asked.since, "before": page[-1].seq}
        bundle["link"].append({"relation": "next", "url": promised(view, ask, deps, after)})
    if page:
        bundle["entry"] = [_entry(one, ask.base) for one in page]
    return Answer(200, encode(bundle).decode())


def _seen(view: View, span: Span, asked: _Asked, letter: str, limits: Limits | None) -> list[Found]:
    """One version more than the page takes, when there are so many."""
    if asked.count == 0:
        return []
    limit = asked.count + 1
    if limits is None:
        return list(versions(view.connection, span, asked.before, limit))
    found: list[Found] = []
    before = asked.before
    while len(found) < limit:
        chunk = list(versions(view.connection, span, before, MAX_COUNT))
        found += [one for one in chunk if _is_seen(view, one, letter, limits)]
        if len(chunk) < MAX_COUNT:
            break
        before = chunk[-1].seq
    return found[:limit]


def _is_seen(view: View, one: Found, letter: str, limits: Limits) -> bool:
    """A deletion is seen by those who saw what was deleted."""
    if not one.gone:
        return sees(limits, one, letter, view)
    former = view.version(one.type, one.id, one.vid - 1)
    return former is not None and not former.gone and sees(limits, former, letter, view)


def _was_ever(view: View, ask: Ask, letter: str) -> bool:
    """Whether the caller sees any version at all, whenever it was."""
    return bool(_seen(view, Span(ask.type, ask.id), _Asked(1), letter, ask.limits))


def _entry(one: Found, base: str) -> dict[str, Any]:
    """Source: FHIR R4 Bundle, bdl-3 and bdl-4: request and response are there for each version."""
    place = f"{one.type}/{one.id}"
    method, status = ("POST", "201 Created") if one.vid == 1 else ("PUT", "200 OK")
    if one.gone:
        method, status = "DELETE", "204 No Content"
    entry: dict[str, Any] = {"fullUrl": f"{base}/{place}"}
    if not one.gone:
        entry["resource"] = msgspec.Raw(one.body.encode())
    entry["request"] = {"method": method, "url": one.type if method == "POST" else place}
    entry["response"] = {
        "status": status,
        "etag": one.version.etag,
        "lastModified": one.version.instant,
    }
    return entry


def _read(ask: Ask) -> _Asked:
    count, since = DEFAULT_COUNT, 0
    for name, value in ask.params:
        if name == "_count":
            if not (value.isascii() and value.isdigit() and len(value) < 9):
                raise Failure(Kind.INVALID, "a number of versions is needed", at="_count")
            count = min(int(value), MAX_COUNT)
        elif name == "_since":
            since = instant_in(value, "_since")
        elif name == "_format":
            check_format(value)
        elif name != "_pretty" and LENIENT not in ask.prefer:
            text = f"parameter {safe(name)} is not supported"
            raise Failure(Kind.INVALID, text, at=ask.type or "_history")
    return _Asked(count, since)


def instant_in(value: str, name: str) -> int:
    """The first moment of a date or time, in microseconds. Raises: Failure(INVALID)."""
    try:
        return interval(value)[0]
    except Failure as failure:
        raise Failure(Kind.INVALID, failure.detail, at=name) from None
