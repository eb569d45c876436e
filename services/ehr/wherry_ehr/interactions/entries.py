"""Bundle entries become requests that the single interactions understand."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from wherry.errors import Failure, Kind
from wherry.resource import Resource
from wherry_ehr.search.types import types

METHODS = frozenset({"DELETE", "POST", "PUT", "GET"})

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Wanted(NamedTuple):
    """One entry, read: `query` is what follows the question mark."""

    at: str
    method: str
    type: str
    id: str
    vid: str
    query: str
    url: str
    resource: Resource | None
    full_url: str
    if_match: str
    if_none_exist: str


def wanted(entry: Any, at: str, base: str) -> Wanted:
    """Read one entry. Raises: Failure(INVALID) at the element that is wrong."""
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise Failure(Kind.INVALID, "an entry needs a request", at=f"{at}.request")
    method, url = request.get("method"), request.get("url")
    if method not in METHODS:
        raise Failure(
            Kind.INVALID, "method must be DELETE, POST, PUT or GET", at=f"{at}.request.method"
        )
    if not isinstance(url, str) or not url:
        raise Failure(Kind.INVALID, "a request needs a url", at=f"{at}.request.url")
    resource = entry.get("resource")
    if (method in {"POST", "PUT"}) != isinstance(resource, dict):
        raise Failure(
            Kind.INVALID, "POST and PUT carry a resource, others none", at=f"{at}.resource"
        )
    path, _, query = url.removeprefix(f"{base}/").lstrip("/").partition("?")
    type_, id_, vid = _parts(path, f"{at}.request.url")
    if method == "POST" and (id_ or query):
        raise Failure(Kind.INVALID, "POST goes to a type", at=f"{at}.request.url")
    if method in {"PUT", "DELETE"} and (not (id_ or query) or vid or (id_ and query)):
        raise Failure(Kind.INVALID, f"{method} needs an id or a search", at=f"{at}.request.url")
    return Wanted(
        at=at,
        method=method,
        type=type_,
        id=id_,
        vid=vid,
        query=query,
        url=url,
        resource=resource,
        full_url=_text(entry, "fullUrl", at),
        if_match=_text(request, "ifMatch", f"{at}.request"),
        if_none_exist=_text(request, "ifNoneExist", f"{at}.request"),
    )


def entries_of(bundle: Resource) -> Iterator[tuple[str, Any]]:
    """Each entry with its place. Raises: Failure(INVALID) when there is no list of them."""
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        raise Failure(Kind.INVALID, "entry must be a list", at="Bundle.entry")
    return ((f"Bundle.entry[{n}]", entry) for n, entry in enumerate(entries))


def _parts(path: str, at: str) -> tuple[str, str, str]:
    match path.split("/"):
        case [type_]:
            id_, vid = "", ""
        case [type_, id_]:
            vid = ""
        case [type_, id_, "_history", vid]:
            pass
        case _:
            raise Failure(Kind.INVALID, "the url is not one that this server knows", at=at)
    if type_ not in types():
        raise Failure(Kind.INVALID, "no such resource type", at=at)
    if id_ and not _ID.fullmatch(id_):
        raise Failure(Kind.INVALID, "not a FHIR id", at=at)
    return type_, id_, vid


def _text(held: Mapping[str, Any], name: str, at: str) -> str:
    value = held.get(name, "")
    if not isinstance(value, str):
        raise Failure(Kind.INVALID, "text is needed", at=f"{at}.{name}")
    return value
