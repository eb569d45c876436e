"""The JSON text of a Bundle becomes requests that the single interactions understand."""

import re
from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_ehr.search.types import types
from wherry_ehr.twice import refuse_repeated_keys
from wherry_ehr.write.told import Texts, Told, told

METHODS = ("DELETE", "POST", "PUT", "GET")

_WITH_RESOURCE = frozenset({"POST", "PUT"})
_TEXTS = ("url", "ifMatch", "ifNoneExist")

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")

Text = Annotated[str, msgspec.Meta(min_length=1)]


class Request(msgspec.Struct, frozen=True, omit_defaults=True):
    """Bundle.entry.request; what was not said is empty."""

    method: Literal["DELETE", "POST", "PUT", "GET"]
    url: Text
    ifMatch: Text = ""
    ifNoneExist: Text = ""


class _Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """Bundle.entry as JSON has it, its resource not read yet."""

    request: Request
    fullUrl: Text = ""
    resource: Texts | msgspec.UnsetType = msgspec.UNSET


class _Bundle(msgspec.Struct, frozen=True, omit_defaults=True):
    resourceType: Literal["Bundle"]
    type: Literal["transaction", "batch"]
    entry: list[_Entry] = []


class Entry(NamedTuple):
    """One entry; a resource that cannot be read is the Failure that says why."""

    request: Request
    full_url: str
    told: Told | Failure | None


class Bundle(NamedTuple):
    """A Bundle to be carried out."""

    type: str
    entries: list[Entry]

    def placed(self) -> list[tuple[str, Entry]]:
        """Each entry with its place."""
        return [(f"Bundle.entry[{n}]", entry) for n, entry in enumerate(self.entries)]


_decoder = msgspec.json.Decoder(_Bundle)
_encoder = msgspec.json.Encoder()


class Wanted(NamedTuple):
    """One entry, read: `query` is what follows the question mark."""

    at: str
    method: str
    type: str
    id: str
    vid: str
    query: str
    url: str
    told: Told | None
    full_url: str
    if_match: str
    if_none_exist: str


def bundle_in(text: bytes) -> Bundle:
    """The Bundle in this text.

    Raises: Failure(INVALID) at what is not shaped as R4 says, and at a key that is said twice.
    """
    try:
        read = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        refuse_repeated_keys(text)
        _say_why(decode(text))
        raise Failure(Kind.INVALID, "this Bundle cannot be read", at="Bundle") from None
    entries = [Entry(one.request, one.fullUrl, _told(one.resource)) for one in read.entry]
    if not _is_once(read, entries, text):
        refuse_repeated_keys(text)
    return Bundle(read.type, entries)


def _told(resource: Texts | msgspec.UnsetType) -> Told | Failure | None:
    if isinstance(resource, msgspec.UnsetType):
        return None
    try:
        return told(resource)
    except Failure as failure:
        return failure


def _is_once(read: _Bundle, entries: list[Entry], text: bytes) -> bool:
    """Whether certainly no key of this text is said twice.

    The elements of resources know it of themselves. Around them stands what is written here again
    in its shortest form: as long as the text only when nothing of the text was dropped.
    """
    for one in entries:
        if isinstance(one.told, Failure) or (one.told and not one.told.once):
            return False
    return len(_encoder.encode(read)) == len(text)


def wanted(entry: Entry, at: str, base: str) -> Wanted:
    """Read one entry. Raises: Failure(INVALID) at the element that makes no sense."""
    request, resource = entry.request, entry.told
    method, url = request.method, request.url
    if (method in _WITH_RESOURCE) != (resource is not None):
        raise Failure(
            Kind.INVALID, "POST and PUT carry a resource, others none", at=f"{at}.resource"
        )
    path, _, query = url.removeprefix(f"{base}/").lstrip("/").partition("?")
    type_, id_, vid = _parts(path, f"{at}.request.url")
    if method == "POST" and (id_ or query):
        raise Failure(Kind.INVALID, "POST goes to a type", at=f"{at}.request.url")
    if method in {"PUT", "DELETE"} and (not (id_ or query) or vid or (id_ and query)):
        raise Failure(Kind.INVALID, f"{method} needs an id or a search", at=f"{at}.request.url")
    if isinstance(resource, Failure):
        raise resource
    return Wanted(
        at=at,
        method=method,
        type=type_,
        id=id_,
        vid=vid,
        query=query,
        url=url,
        told=resource,
        full_url=entry.full_url,
        if_match=request.ifMatch,
        if_none_exist=request.ifNoneExist,
    )


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


def _say_why(value: Any) -> None:
    """Find out what in this JSON value was in the way, and raise it."""
    if not isinstance(value, dict):
        raise Failure(Kind.INVALID, "the body must be a JSON object")
    if value.get("resourceType") != "Bundle":
        raise Failure(Kind.INVALID, "a Bundle is needed here", at="resourceType")
    if value.get("type") not in ("transaction", "batch"):
        raise Failure(Kind.INVALID, "type must be batch or transaction", at="Bundle.type")
    entries = value.get("entry", [])
    if not isinstance(entries, list):
        raise Failure(Kind.INVALID, "entry must be a list", at="Bundle.entry")
    for n, entry in enumerate(entries):
        _check_shape(entry, f"Bundle.entry[{n}]")


def _check_shape(entry: Any, at: str) -> None:
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict):
        raise Failure(Kind.INVALID, "an entry needs a request", at=f"{at}.request")
    if request.get("method") not in METHODS:
        text = "method must be DELETE, POST, PUT or GET"
        raise Failure(Kind.INVALID, text, at=f"{at}.request.method")
    if "url" not in request:
        raise Failure(Kind.INVALID, "a request needs a url", at=f"{at}.request.url")
    if not isinstance(entry.get("resource", {}), dict):
        raise Failure(Kind.INVALID, "a resource must be an object", at=f"{at}.resource")
    texts = [("fullUrl", entry), *((f"request.{name}", request) for name in _TEXTS)]
    for name, held in texts:
        value = held.get(name.removeprefix("request."), "-")
        if not (isinstance(value, str) and value):
            raise Failure(Kind.INVALID, "a text is needed", at=f"{at}.{name}")
