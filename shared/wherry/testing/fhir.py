"""A FHIR server in memory: the searches, conditions and transactions that Wherry uses, for real."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from itertools import count
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.fhir.interval import PREFIXES, holds, interval, span
from wherry.resource import Bundle, Entry, Resource, SearchParams

_ORDER = {"DELETE": 0, "POST": 1, "PUT": 2, "GET": 3}

# The elements behind each search parameter, over all types. Source: FHIR R4 search parameters.
_REFERENCES = {
    "patient": ("subject", "patient", "individual", "for", "target", "beneficiary"),
    "subject": ("subject", "patient"),
    "encounter": ("encounter",),
    "context": ("context",),
    "account": ("account",),
    "based-on": ("basedOn",),
    "derived-from": ("derivedFrom",),
}
_DATES = (
    *("effectiveDateTime", "effectivePeriod", "effectiveInstant", "occurrenceDateTime"),
    *("occurrencePeriod", "period", "date", "recorded", "issued"),
)
_TOKENS = {name: name for name in ("identifier", "code", "category", "status", "class", "method")}
_KNOWN = {"_id", "_count", "_sort", "date", *_TOKENS, *_REFERENCES}
_TIME = "2024-01-01T00:00:00.000Z"


class FakeFhir:
    """Keeps the `Fhir` port's contract. Ids are 1, 2, 3, …; every version is kept.

    `failures` are raised by the next calls, first one first, before anything is stored.
    """

    def __init__(self, *seed: Resource, failures: Sequence[Failure] = ()) -> None:
        self.versions: dict[tuple[str, str], list[Resource]] = {}
        self.deleted: set[tuple[str, str]] = set()
        self.sent: list[Bundle] = []
        self.failures = list(failures)
        self._ids = count(1)
        self._lock = RLock()
        for resource in seed:
            self.put(resource)

    def put(self, resource: Resource) -> Resource:
        """Store a resource under its own id, or a new one, and return it as stored."""
        return self._write(deepcopy(resource), resource.get("id") or str(next(self._ids)))[0]

    def all(self, type_: str) -> list[Resource]:
        """The current resources of a type in order of their creation."""
        return [deepcopy(kept[-1]) for (of, _), kept in self.versions.items() if of == type_]

    def read(self, type_: str, id_: str) -> Resource:
        """One resource. Raises: Failure(NOT_FOUND, GONE)."""
        self._maybe_fail()
        return self._read(type_, id_)

    def search(self, type_: str, params: SearchParams, *, limit: int = 1000) -> list[Resource]:
        """Matches in order of creation, or of `_sort`; `_count` is only the size of a page."""
        self._maybe_fail()
        asked = [
            (name, value)
            for name, values in params.items()
            if name != "_count"
            for value in ([values] if isinstance(values, str) else values)
        ]
        return self._search(type_, asked)[:limit]

    def send(self, bundle: Bundle) -> Bundle:
        """Carry out a batch (each for itself) or a transaction (all or nothing)."""
        self._maybe_fail()
        with self._lock:
            self.sent.append(deepcopy(bundle))
            if bundle["type"] == "batch":
                answers = [self._alone(entry) for entry in bundle["entry"]]
            else:
                with self._all_or_nothing():
                    answers = self._transaction(deepcopy(bundle["entry"]))
        return {"resourceType": "Bundle", "type": f"{bundle['type']}-response", "entry": answers}

    def create(self, resource: Resource) -> str:
        """Store a new resource and return its id."""
        self._maybe_fail()
        return str(self._write(deepcopy(resource), str(next(self._ids)))[0]["id"])

    def ping(self) -> None:
        """Return unless told to fail."""
        self._maybe_fail()

    def _maybe_fail(self) -> None:
        if self.failures:
            raise self.failures.pop(0)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        before = {key: list(kept) for key, kept in self.versions.items()}
        try:
            yield
        except Failure:
            self.versions = before
            raise

    def _alone(self, entry: Entry) -> Entry:
        try:
            return self._transaction([deepcopy(entry)])[0]
        except Failure as failure:
            return {"response": {"status": f"{failure.kind.http} {failure.kind.name}"}}

    def _transaction(self, entries: list[Entry]) -> list[Entry]:
        targets = [self._target(entry) for entry in entries]
        written = [key for key, entry in zip(targets, entries, strict=True) if _writes(entry)]
        if len(set(written)) < len(written):
            raise Failure(Kind.UNPROCESSABLE, "two entries write the same resource", at="Bundle")
        urls = {
            entry["fullUrl"]: "/".join(key)
            for key, entry in zip(targets, entries, strict=True)
            if "fullUrl" in entry
        }
        answers: dict[int, Entry] = {}
        for n in sorted(range(len(entries)), key=lambda n: _ORDER[entries[n]["request"]["method"]]):
            answers[n] = self._one(entries[n], targets[n], urls)
        return [answers[n] for n in range(len(entries))]

    def _target(self, entry: Entry) -> tuple[str, str]:
        """Type and id that an entry means, after its condition; a new id where nothing matched."""
        request = entry["request"]
        path, _, query = request["url"].partition("?")
        type_, _, id_ = path.partition("/")
        condition = query or request.get("ifNoneExist", "")
        if id_ or request["method"] == "GET":
            return type_, id_
        matches = self._search(type_, parse_qsl(condition)) if condition else []
        if len(matches) > 1:
            raise Failure(Kind.STALE, "the condition matches more than one", at="Bundle.entry")
        if matches:
            return type_, str(matches[0]["id"])
        return type_, str(entry.get("resource", {}).get("id") or next(self._ids))

    def _one(self, entry: Entry, key: tuple[str, str], urls: Mapping[str, str]) -> Entry:
        request = entry["request"]
        if request["method"] == "GET":
            return self._get(request["url"], *key)
        if request["method"] == "DELETE":
            if self.versions.pop(key, None):
                self.deleted.add(key)
            return {"response": {"status": "204 No Content"}}
        kept = self.versions.get(key)
        if "ifMatch" in request and (not kept or request["ifMatch"] != _etag(kept[-1])):
            raise Failure(Kind.STALE, "somebody else wrote first", at="/".join(key))
        if request["method"] == "POST" and kept:
            return _wrote("200 OK", kept[-1])
        resource, status = self._write(_linked(entry["resource"], urls), key[1])
        return _wrote(status, resource)

    def _get(self, url: str, type_: str, id_: str) -> Entry:
        if id_:
            resource = self._read(type_, id_)
            return {"resource": resource, "response": {"status": "200 OK", "etag": _etag(resource)}}
        matches = self._search(type_, parse_qsl(url.partition("?")[2]))
        found: Resource = {
            "resourceType": "Bundle",
            "type": "searchset",
            "total": len(matches),
            "entry": [{"resource": match, "search": {"mode": "match"}} for match in matches],
        }
        return {"resource": found, "response": {"status": "200 OK"}}

    def _read(self, type_: str, id_: str) -> Resource:
        try:
            return deepcopy(self.versions[type_, id_][-1])
        except KeyError:
            kind = Kind.GONE if (type_, id_) in self.deleted else Kind.NOT_FOUND
            raise Failure(kind, "no such resource", at=type_) from None

    def _search(self, type_: str, params: Sequence[tuple[str, str]]) -> list[Resource]:
        for name in {name for name, _ in params} - _KNOWN:
            raise Failure(Kind.UNPROCESSABLE, f"unknown search parameter {name}", at=name)
        kept = (versions[-1] for (of, _), versions in self.versions.items() if of == type_)
        held = (one for one in kept if all(_matches(one, *param) for param in params))
        found = [deepcopy(one) for one in held]
        told = dict(params)
        sort = told.get("_sort", "")
        if sort.lstrip("-") == "date":
            found.sort(key=lambda one: _spans(one) or [(0, 0)], reverse=sort.startswith("-"))
        return found[: int(told.get("_count", len(found)))]

    def _write(self, resource: Resource, id_: str) -> tuple[Resource, str]:
        kept = self.versions.setdefault((resource["resourceType"], id_), [])
        meta = {**resource.get("meta", {}), "lastUpdated": _TIME, "versionId": str(len(kept) + 1)}
        made = {**resource, "id": id_, "meta": meta}
        if kept and _content(kept[-1]) == _content(made):
            return deepcopy(kept[-1]), "200 OK"
        kept.append(made)
        return deepcopy(made), "201 Created" if len(kept) == 1 else "200 OK"


def _writes(entry: Entry) -> bool:
    return entry["request"]["method"] != "GET"


def _wrote(status: str, resource: Resource) -> Entry:
    version = resource["meta"]["versionId"]
    location = f"{resource['resourceType']}/{resource['id']}/_history/{version}"
    return {"response": {"status": status, "location": location, "etag": _etag(resource)}}


def _etag(resource: Resource) -> str:
    return f'W/"{resource["meta"]["versionId"]}"'


def _content(resource: Resource) -> bytes:
    """What a client wrote, digits included: versionId and lastUpdated are the server's."""
    meta = {k: v for k, v in resource["meta"].items() if k not in {"versionId", "lastUpdated"}}
    return encode(sorted({**resource, "meta": meta}.items()))


def _linked(value: Any, urls: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _linked(item, urls) for key, item in value.items()}
    if isinstance(value, list):
        return [_linked(item, urls) for item in value]
    return urls.get(value, value) if isinstance(value, str) else value


def _matches(resource: Resource, name: str, value: str) -> bool:
    if name in {"_count", "_sort"}:
        return True
    if name == "_id":
        return resource["id"] in value.split(",")
    if name in _TOKENS:
        held = _codings(resource.get(_TOKENS[name]))
        return any(_token(coding, asked) for coding in held for asked in value.split(","))
    if name in _REFERENCES:
        return any(_refers(resource, name, asked) for asked in value.split(","))
    if name == "date":
        prefix = value[:2] if value[:2] in PREFIXES else "eq"
        asked = interval(value.removeprefix(prefix))
        return any(holds(prefix, held, asked) for held in _spans(resource))
    return False


def _codings(value: Any) -> list[tuple[str, str]]:
    """(system, code) of an Identifier, CodeableConcept, Coding or code, one or many."""
    if isinstance(value, list):
        return [coding for item in value for coding in _codings(item)]
    if isinstance(value, str):
        return [("", value)]
    if not isinstance(value, dict):
        return []
    if "coding" in value:
        return _codings(value["coding"])
    return [(value.get("system") or "", value.get("code") or value.get("value") or "")]


def _token(coding: tuple[str, str], asked: str) -> bool:
    system, bar, code = asked.rpartition("|")
    if not bar:
        return coding[1] == code
    return coding[0] == system and code in ("", coding[1])


def _refers(resource: Resource, name: str, asked: str) -> bool:
    wanted = {asked, f"Patient/{asked}"} if name == "patient" else {asked}
    held = [resource.get(element) for element in _REFERENCES[name]]
    flat = [one for item in held for one in (item if isinstance(item, list) else [item]) if one]
    return any(
        one.get("reference", "") in wanted or one.get("reference", "").endswith(f"/{asked}")
        for one in flat
    )


def _spans(resource: Resource) -> list[tuple[int, int]]:
    return [span(resource[element]) for element in _DATES if element in resource]
