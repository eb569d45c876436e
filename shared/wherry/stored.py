"""The entries of a transaction become what the FHIR server has of the same things already."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import batch
from wherry.fhir.identity import condition
from wherry.fhir.merged import ends, superseded, survivor
from wherry.ports import Fhir
from wherry.resource import Entry, Resource

AT_ONCE = 200
"""Identifiers in one search; more make several searches of the same batch."""

# What a search inside a batch failed with. Source: FHIR R4 http, 3.1.0.11.1.
_KINDS = {
    "400": Kind.UNPROCESSABLE,
    "401": Kind.UNAUTHENTICATED,
    "403": Kind.FORBIDDEN,
    "404": Kind.UNPROCESSABLE,
    "422": Kind.UNPROCESSABLE,
}


MOST_LINKS = 16
"""How far replaced patients are followed: as many merges, one after the other."""


@dataclass(frozen=True, slots=True)
class Stored:
    """By full URL: the resources found, and what a reference to each is.

    What was merged into another is found as that other; `former` are the references that led there.
    `several` are those full URLs by whose name more than one is found, where that may be.
    """

    resources: dict[str, Resource] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    former: dict[str, tuple[str, ...]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)


Found = dict[str, dict[str, Resource]]
"""By full URL, and then by reference."""


def read(
    entries: Sequence[Entry],
    fhir: Fhir,
    also: Mapping[str, str] = MappingProxyType({}),
    lenient: Set[str] = frozenset(),
) -> Stored:
    """Look all of them up, by identifier, inside POSTed batches: identifiers never stand in a URL.

    A report's results are looked up only when the report is there, as both are written together.
    `also` are further requests by full URL, `lenient` the full URLs whose name may be that of
    several. Raises: what `Fhir.send` raises; Failure(UNPROCESSABLE) when a search is refused or
    when two resources have an identifier that is to name one.
    """
    hanging = {
        reference["reference"]
        for entry in entries
        for reference in entry["resource"].get("result", ())
    }
    wanted = {**{entry["fullUrl"]: entry["request"]["url"] for entry in entries}, **also}
    found: Found = {}
    _search({url: at for url, at in wanted.items() if url not in hanging}, found, fhir)
    there = {
        reference["reference"]
        for entry in entries
        if entry["fullUrl"] in found
        for reference in entry["resource"].get("result", ())
    }
    _search({url: wanted[url] for url in there if url in wanted}, found, fhir)
    return _settled(found, fhir, lenient)


def _settled(found: Found, fhir: Fhir, lenient: Set[str]) -> Stored:
    """One resource for each full URL: the one that the others were merged into."""
    stored = Stored()
    others = _followed(found, fhir)
    for url, candidates in found.items():
        last, former = ends(candidates, others)
        if len(last) > 1:
            void = {at for at, one in last.items() if superseded(one)}
            if void < last.keys():  # merged away, and the name went on to what stays
                last = {at: one for at, one in last.items() if at not in void}
                former |= void
        if len(last) > 1 and url in lenient:
            stored.several.add(url)
            continue
        if len(last) > 1:
            raise Failure(
                Kind.UNPROCESSABLE,
                "two have this identifier",
                at=next(iter(last)).partition("/")[0],
            )
        ((stored.references[url], stored.resources[url]),) = last.items()
        if former := former - last.keys():
            stored.former[url] = tuple(sorted(former))
    return stored


def _followed(found: Found, fhir: Fhir) -> dict[str, Resource]:
    """All patients that were found, and those that they were merged into."""
    known = {at: one for candidates in found.values() for at, one in candidates.items()}
    for _ in range(MOST_LINKS):
        ahead = {survivor(one) for one in known.values()} - known.keys() - {""}
        if not ahead:
            break
        more: Found = {}
        _search({at: at for at in sorted(ahead)}, more, fhir)
        known |= {at: one for candidates in more.values() for at, one in candidates.items()}
        if not more:
            break
    return known


def _search(wanted: Mapping[str, str], found: Found, fhir: Fhir) -> None:
    """Fill in what is found; a search whose page was too small is made again in two halves."""
    by_request: dict[str, list[str]] = {}
    for url, request in wanted.items():
        by_request.setdefault(request, []).append(url)
    searches = list(_searches(by_request))
    while searches:
        answer = fhir.send(batch([_get(type_, name, tokens) for type_, name, tokens in searches]))
        again = []
        for (type_, name, tokens), entry in zip(searches, answer["entry"], strict=True):
            if _take(entry, by_request, found) and len(tokens) > 1:
                middle = len(tokens) // 2
                again += [(type_, name, tokens[:middle]), (type_, name, tokens[middle:])]
        searches = again


def _searches(requests: Iterable[str]) -> Iterable[tuple[str, str, list[str]]]:
    """Type, parameter and values of each search, `AT_ONCE` values in each."""
    groups: dict[tuple[str, str], list[str]] = {}
    for request in requests:
        type_, query, tail = request.partition("?")
        if query:
            name, _, value = tail.partition("=")
        else:
            type_, _, value = request.partition("/")
            name = "_id"
        groups.setdefault((type_, name), []).append(value)
    for (type_, name), values in groups.items():
        for start in range(0, len(values), AT_ONCE):
            yield type_, name, values[start : start + AT_ONCE]


def _get(type_: str, name: str, values: Sequence[str]) -> Entry:
    url = f"{type_}?{name}={','.join(values)}&_count={len(values) * 2}"
    return {"request": {"method": "GET", "url": url}}


def _take(entry: Mapping[str, Any], by_request: Mapping[str, list[str]], into: Found) -> bool:
    """Note what one search found; True when there was more than its page held."""
    status = str(entry.get("response", {}).get("status", ""))[:3]
    if status != "200":
        raise Failure(_KINDS.get(status, Kind.UNAVAILABLE), "a look-up was refused", at="Bundle")
    found = entry.get("resource", {})
    for match in found.get("entry", ()):
        resource = match.get("resource", {})
        if match.get("search", {}).get("mode", "match") == "match":
            _note(resource, by_request, into)
    return any(link.get("relation") == "next" for link in found.get("link", ()))


def _note(resource: Resource, by_request: Mapping[str, list[str]], found: Found) -> None:
    type_, id_ = resource["resourceType"], resource["id"]
    requests = [f"{type_}/{id_}"]
    identifiers = resource.get("identifier", ())
    if isinstance(identifiers, list):
        requests += [
            f"{type_}?{condition(one.get('system', ''), one.get('value', ''))}"
            for one in identifiers
        ]
    for request in requests:
        for url in by_request.get(request, ()):
            found.setdefault(url, {})[f"{type_}/{id_}"] = resource
