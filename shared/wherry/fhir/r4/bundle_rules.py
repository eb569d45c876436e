"""Invariants bdl-1 to bdl-12 of R4's Bundle: which parts go with which type of Bundle."""

from collections.abc import Callable, Mapping
from typing import Any

Object = Mapping[str, Any]

_REQUESTS = ("batch", "transaction", "history")
_RESPONSES = ("batch-response", "transaction-response", "history")


def _total(bundle: Object) -> bool:
    return "total" not in bundle or bundle.get("type") in ("searchset", "history")


def _search(bundle: Object) -> bool:
    if bundle.get("type") == "searchset":
        return True
    return all("search" not in entry for entry in bundle.get("entry", ()))


def _request(bundle: Object) -> bool:
    wanted = bundle.get("type") in _REQUESTS
    return all(("request" in entry) == wanted for entry in bundle.get("entry", ()))


def _response(bundle: Object) -> bool:
    wanted = bundle.get("type") in _RESPONSES
    return all(("response" in entry) == wanted for entry in bundle.get("entry", ()))


def _distinct(bundle: Object) -> bool:
    if bundle.get("type") == "history":
        return True
    named = [
        (entry["fullUrl"], entry.get("resource", {}).get("meta", {}).get("versionId"))
        for entry in bundle.get("entry", ())
        if "fullUrl" in entry
    ]
    return len(set(named)) == len(named)


def _document(bundle: Object) -> bool:
    identifier = bundle.get("identifier", {})
    return bundle.get("type") != "document" or ("system" in identifier and "value" in identifier)


def _dated(bundle: Object) -> bool:
    return bundle.get("type") != "document" or "timestamp" in bundle


def _first(bundle_type: str, resource_type: str) -> Callable[[Object], bool]:
    def holds(bundle: Object) -> bool:
        if bundle.get("type") != bundle_type:
            return True
        first: Object = next(iter(bundle.get("entry", ())), {})
        return bool(first.get("resource", {}).get("resourceType") == resource_type)

    return holds


def _current(entry: Object) -> bool:
    return "/_history/" not in entry.get("fullUrl", "")


# FHIR R4 bundle.html, constraints.
RULES: tuple[tuple[str, str, Callable[[Object], bool]], ...] = (
    ("bdl-1", "total only in a searchset or history", _total),
    ("bdl-2", "entry.search only in a searchset", _search),
    ("bdl-3", "entry.request in every entry of a batch, transaction or history only", _request),
    ("bdl-4", "entry.response in every entry of a response or history only", _response),
    ("bdl-7", "expected fullUrls that differ", _distinct),
    ("bdl-9", "a document needs an identifier with system and value", _document),
    ("bdl-10", "a document needs a timestamp", _dated),
    ("bdl-11", "a document starts with a Composition", _first("document", "Composition")),
    ("bdl-12", "a message starts with a MessageHeader", _first("message", "MessageHeader")),
)
ENTRY_RULES: tuple[tuple[str, str, Callable[[Object], bool]], ...] = (
    ("bdl-8", "expected a fullUrl without a version", _current),
)
