"""The `Fhir` port over HTTP, against any FHIR R4 server."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

import requests

from wherry.adapters.retry_after import wanted_pause_s
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Bundle, Resource, SearchParams

FHIR_JSON = "application/fhir+json"
MINIMAL = "return=minimal"
FRESH = "no-cache"
"""HAPI servers answer a search that they were asked within a minute out of a cache unless told."""

# What a server's status means for whoever asked; all other 4xx are our own mistake, all other 5xx
# are the server being away. Its text is never passed on: it may name a patient.
# Source: FHIR R4 http, 3.1.0.1.11; RFC 9110, 15.
_KINDS = {
    400: Kind.UNPROCESSABLE,
    401: Kind.UNAUTHENTICATED,
    403: Kind.FORBIDDEN,
    404: Kind.NOT_FOUND,
    408: Kind.UNAVAILABLE,
    409: Kind.CONFLICT,
    410: Kind.GONE,
    412: Kind.STALE,
    413: Kind.TOO_LARGE,
    415: Kind.UNSUPPORTED,
    422: Kind.UNPROCESSABLE,
    425: Kind.UNAVAILABLE,
    429: Kind.UNAVAILABLE,
    504: Kind.UNCERTAIN,
}

_MAX_PAGES = 10_000

# Element names and indexes only: never a value.
_PATH = re.compile(r"[A-Z][A-Za-z]*(\.[a-z][A-Za-z]*(\[\d+\])?){0,12}")


class HttpFhir:
    """One FHIR R4 server at `base_url`; `session` brings timeouts and the token.

    A server that answers 429 or 503 with Retry-After is not asked again before that time is over.
    """

    def __init__(self, base_url: str, session: requests.Session) -> None:
        self._base = base_url.rstrip("/")
        self._origin = _origin(self._base)
        self._session = session
        self._busy_until_s = 0.0  # by the monotonic clock

    def read(self, type_: str, id_: str) -> Resource:
        """One resource. Raises: Failure(NOT_FOUND, GONE, UNAVAILABLE, UNCERTAIN)."""
        return self._ask("GET", f"{self._base}/{type_}/{id_}")

    def search(self, type_: str, params: SearchParams, *, limit: int = 1000) -> list[Resource]:
        """Matches in server order, following next links on the same origin up to `limit`.

        The parameters travel in a POST body: they may hold identifiers, and addresses are logged.
        """
        page = self._ask("POST", f"{self._base}/{type_}/_search", form=params)
        found: list[Resource] = []
        for _ in range(_MAX_PAGES):
            found += [
                entry["resource"]
                for entry in page.get("entry", [])
                if entry.get("search", {}).get("mode", "match") == "match" and "resource" in entry
            ]
            next_link = _link(page, "next")
            if not next_link or len(found) >= limit:
                break
            if _origin(next_link) != self._origin:
                raise Failure(Kind.FORBIDDEN, "the FHIR server's next page is on another origin")
            page = self._ask("GET", next_link)
        return found[:limit]

    def send(self, bundle: Bundle) -> Bundle:
        """POST a batch or transaction and return the response Bundle.

        A transaction's answer need not repeat what was sent. Source: FHIR R4 http, 3.1.0.1.9.
        Raises: Failure(STALE, CONFLICT, UNPROCESSABLE, UNAVAILABLE, UNCERTAIN).
        """
        prefer = MINIMAL if bundle["type"] == "transaction" else ""
        answer: Any = _object(self._answer("POST", self._base, encode(bundle), prefer=prefer))
        if answer.get("resourceType") != "Bundle" or len(answer.get("entry", [])) != len(
            bundle["entry"]
        ):
            raise Failure(Kind.UNCERTAIN, "the FHIR server's answer does not fit what was sent")
        answer.setdefault("entry", [])
        sent: Bundle = answer
        return sent

    def create(self, resource: Resource) -> str:
        """Create one resource and return its id."""
        type_ = resource["resourceType"]
        answer = self._answer("POST", f"{self._base}/{type_}", body=encode(resource))
        # the Location is where the standard puts the id; not every server sends the resource back
        parts = answer.headers.get("Location", "").partition("/_history/")[0].rsplit("/", 2)
        if len(parts) > 1 and parts[-2] == type_:
            return parts[-1]
        return str(_object(answer).get("id", ""))

    def ping(self) -> None:
        """Return when the CapabilityStatement can be read. Raises: Failure(UNAVAILABLE)."""
        try:
            statement = self._ask("GET", f"{self._base}/metadata?_summary=true")
        except Failure:
            raise Failure(Kind.UNAVAILABLE, "the FHIR server does not answer") from None
        if statement.get("resourceType") != "CapabilityStatement":
            raise Failure(Kind.UNAVAILABLE, "what answers is no FHIR server")

    def _ask(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        form: SearchParams | None = None,
    ) -> Resource:
        return _object(self._answer(method, url, body=body, form=form))

    def _answer(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        form: SearchParams | None = None,
        prefer: str = "",
    ) -> requests.Response:
        """Send one request. Raises: Failure for every answer but success."""
        if (left_s := self._busy_until_s - time.monotonic()) > 0:
            raise Failure(
                Kind.UNAVAILABLE, "the FHIR server wants to be left alone", after_s=left_s
            )
        headers = {"Accept": FHIR_JSON, "Cache-Control": FRESH}
        if prefer:
            headers["Prefer"] = prefer
        if body is not None:
            headers["Content-Type"] = FHIR_JSON
        elif form is not None:  # requests says it only when there is a parameter
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = self._session.request(
                method, url, data=body if form is None else form, headers=headers
            )
        except requests.ConnectTimeout:
            raise Failure(Kind.UNAVAILABLE, "the FHIR server cannot be reached") from None
        except requests.Timeout:
            raise Failure(Kind.UNCERTAIN, "the FHIR server did not answer in time") from None
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "the FHIR server cannot be reached") from None
        if answer.status_code < 300:
            return answer
        other = Kind.UNAVAILABLE if answer.status_code >= 500 else Kind.UNPROCESSABLE
        kind = _KINDS.get(answer.status_code, other)
        after_s = wanted_pause_s(answer.status_code, answer.headers)
        if after_s:
            self._busy_until_s = time.monotonic() + after_s
        text = f"the FHIR server answered {answer.status_code}"
        raise Failure(kind, text, at=_place(answer), after_s=after_s)


def _place(answer: requests.Response) -> str:
    """The element that the server's OperationOutcome names, when it is a plain path."""
    try:
        expression = decode(answer.content)["issue"][0]["expression"][0]
    except (Failure, LookupError, TypeError):
        return ""
    plain = isinstance(expression, str) and _PATH.fullmatch(expression)
    return str(expression) if plain else ""


def _object(answer: requests.Response) -> Resource:
    """The body as JSON object. Raises: Failure(UNAVAILABLE): a proxy's page is not an answer."""
    try:
        value = decode(answer.content)
    except Failure:
        value = None
    if not isinstance(value, dict):
        raise Failure(Kind.UNAVAILABLE, "the FHIR server did not answer with JSON")
    return value


def _link(page: Resource, relation: str) -> str:
    for link in page.get("link", []):
        if link.get("relation") == relation:
            return str(link.get("url", ""))
    return ""


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default
