"""The entries of a transaction become what the FHIR server has of the same things already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from wherry.errors import Failure, Kind
from wherry.fhir.bundle import batch
from wherry.fhir.identity import condition
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


@dataclass(frozen=True, slots=True)
class Stored:
    """By full URL: the resources found, and what a reference to each is."""

    resources: dict[str, Resource] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)


def read(entries: Sequence[Entry], fhir: Fhir) -> Stored:
    """Look all of them up, by identifier, inside POSTed batches: identifiers never stand in a URL.

    A report's results are looked up only when the report is there, as both are written together.
    Raises: what `Fhir.send` raises; Failure(UNPROCESSABLE) when a search is refused or when two
    resources have an identifier that is to name one.
    """
    hanging = {
        reference["reference"]
        for entry in entries
        for reference in entry["resource"].get("result", ())
    }
    wanted = {entry["fullUrl"]: entry["request"]["url"] for entry in entries}
    stored = Stored()
    _search({url: at for url, at in wanted.items() if url not in hanging}, stored, fhir)
    there = {
        reference["reference"]
        for entry in entries
        if entry["fullUrl"] in stored.resources
        for reference in entry["resource"].get("result", ())
    }
    _search({url: wanted[url] for url in there if url in wanted}, stored, fhir)
    return stored


def _search(wanted: Mapping[str, str], stored: Stored, fhir: Fhir) -> None:
    """Fill in what is found; a search whose page was too small is made again in two halves."""
    by_request = {request: url for url, request in wanted.items()}
    searches = list(_searches(by_request))
    while searches:
        answer = fhir.send(batch([_get(type_, name, tokens) for type_, name, tokens in searches]))
        again = []
        for (type_, name, tokens), entry in zip(searches, answer["entry"], strict=True):
            if _take(entry, by_request, stored) and len(tokens) > 1:
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


def _take(entry: Mapping[str, Any], by_request: Mapping[str, str], stored: Stored) -> bool:
    """Note what one search found; True when there was more than its page held."""
    status = str(entry.get("response", {}).get("status", ""))[:3]
    if status != "200":
        raise Failure(_KINDS.get(status, Kind.UNAVAILABLE), "a look-up was refused", at="Bundle")
    found = entry.get("resource", {})
    for match in found.get("entry", ()):
        resource = match.get("resource", {})
        if match.get("search", {}).get("mode", "match") == "match":
            _note(resource, by_request, stored)
    return any(link.get("relation") == "next" for link in found.get("link", ()))


def _note(resource: Resource, by_request: Mapping[str, str], stored: Stored) -> None:
    type_, id_ = resource["resourceType"], resource["id"]
    requests = [f"{type_}/{id_}"]
    identifiers = resource.get("identifier", ())
    if isinstance(identifiers, list):
        requests += [
            f"{type_}?{condition(one.get('system', ''), one.get('value', ''))}"
            for one in identifiers
        ]
    for request in requests:
        if url := by_request.get(request):
            if stored.references.get(url, f"{type_}/{id_}") != f"{type_}/{id_}":
                raise Failure(Kind.UNPROCESSABLE, "two have this identifier", at=type_)
            stored.resources[url] = resource
            stored.references[url] = f"{type_}/{id_}"
