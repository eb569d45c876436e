"""Resources from files into a FHIR server and out of it again, digits and all, over its own API."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import requests

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.resource import Resource

AT_ONCE = 100
PAGE = 500

_FHIR = {"Content-Type": "application/fhir+json"}
_CARRIED_OUT = frozenset({"transaction", "batch"})


@dataclass(frozen=True, slots=True)
class Server:
    """A FHIR R4 server: its base, and a session that may speak to it."""

    base: str
    http: requests.Session

    def get(self, address: str) -> bytes:
        """The answer to a GET. Raises: Failure(UNAVAILABLE) for any status but 200."""
        return self._answer("GET", address)

    def post(self, body: Resource) -> Resource:
        """The answer to a Bundle. Raises: Failure(UNAVAILABLE) for any status but 200."""
        answer: Resource = decode(self._answer("POST", self.base, encode(body)))
        return answer

    def _answer(self, method: str, address: str, body: bytes | None = None) -> bytes:
        try:
            answer = self.http.request(method, address, data=body, headers=_FHIR if body else None)
        except requests.RequestException as error:
            text = f"the FHIR server is not reachable ({type(error).__name__})"
            raise Failure(Kind.UNAVAILABLE, text, at=self.base) from None
        if answer.status_code != 200:
            raise Failure(Kind.UNAVAILABLE, _why(answer), at=self.base)
        return answer.content


def read_file(path: Path) -> list[Resource]:
    """The resources in a file. Raises: Failure(INVALID) at the line that holds none."""
    text = path.read_bytes()
    if path.suffix == ".ndjson":
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
        return [_resource(line, f"{path}:{n}") for n, line in lines]
    return [_resource(text, str(path))]


def imported(server: Server, resources: Iterable[Resource]) -> int:
    """Store these, and say how many.

    Raises: Failure(UNAVAILABLE, UNPROCESSABLE) at the first that the server does not take; what
    came before it stays.
    """
    stored, waiting = 0, list[Resource]()
    for one in _unpacked(resources):
        if one.get("type") in _CARRIED_OUT and one["resourceType"] == "Bundle":
            stored += _carried_out(server, one)
            continue
        waiting.append(one)
        if len(waiting) == AT_ONCE:
            stored += _stored(server, waiting)
            waiting = []
    return stored + (_stored(server, waiting) if waiting else 0)


def exported(server: Server, types: Sequence[str] = ()) -> Iterator[str]:
    """The JSON text of every current resource, of these types or of all that the server names."""
    for type_ in types or _all_types(server):
        address: str = f"{server.base}/{type_}?_count={PAGE}&_sort=_id"
        while address:
            page = _page.decode(server.get(address))
            yield from (bytes(entry.resource).decode() for entry in page.entry)
            address = next((one["url"] for one in page.link if one["relation"] == "next"), "")


def bundle_of(texts: Sequence[str]) -> str:
    """A Bundle of type collection around these resources."""
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    if texts:
        bundle["entry"] = [{"resource": msgspec.Raw(text.encode())} for text in texts]
    return encode(bundle).decode()


class _Entry(msgspec.Struct):
    resource: msgspec.Raw


class _Page(msgspec.Struct):
    link: list[dict[str, str]] = []
    entry: list[_Entry] = []


_page = msgspec.json.Decoder(_Page)


def _resource(text: bytes, at: str) -> Resource:
    try:
        found = decode(text)
    except Failure as failure:
        raise Failure(Kind.INVALID, failure.detail, at=at) from None
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise Failure(Kind.INVALID, "not a FHIR resource", at=at)
    return found


def _unpacked(resources: Iterable[Resource]) -> Iterator[Resource]:
    """What stands in Bundles that are not to be carried out, and all else as it is."""
    for one in resources:
        if one["resourceType"] != "Bundle" or one.get("type") in _CARRIED_OUT:
            yield one
            continue
        for n, entry in enumerate(one.get("entry", [])):
            if not isinstance(entry, dict) or not isinstance(entry.get("resource"), dict):
                raise Failure(Kind.INVALID, "an entry without a resource", at=f"Bundle.entry[{n}]")
            yield entry["resource"]


def _stored(server: Server, resources: Sequence[Resource]) -> int:
    entries = []
    for one in resources:
        type_, id_ = one["resourceType"], one.get("id")
        request = {"method": "POST", "url": type_}
        if id_:
            request = {"method": "PUT", "url": f"{type_}/{id_}"}
        entries.append({"resource": one, "request": request})
    server.post({"resourceType": "Bundle", "type": "transaction", "entry": entries})
    return len(entries)


def _carried_out(server: Server, bundle: Resource) -> int:
    answers = server.post(bundle).get("entry", [])
    for n, one in enumerate(answers):
        if not str(one["response"]["status"]).startswith("2"):
            text = f"the server answered {one['response']['status']}"
            raise Failure(Kind.UNPROCESSABLE, text, at=f"Bundle.entry[{n}]")
    return len(answers)


def _all_types(server: Server) -> list[str]:
    statement = decode(server.get(f"{server.base}/metadata"))
    return [one["type"] for one in statement["rest"][0]["resource"]]


def _why(answer: requests.Response) -> str:
    """The server's own words when it is an OperationOutcome, which holds no patient's data here."""
    try:
        issue = decode(answer.content)["issue"][0]
        where = issue.get("expression", [""])[0]
        return f"{answer.status_code}: {issue['details']['text']} {where}".strip()
    except (Failure, KeyError, IndexError, TypeError):
        return f"the FHIR server answered {answer.status_code}"
