"""A FHIR client as small as can be: it knows HTTP and JSON, and nothing of the server."""

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

Json = dict[str, Any]

FHIR = "application/fhir+json"
PATCH = "application/json-patch+json"


@dataclass(frozen=True)
class Answer:
    """One answer: `body` is None when there is none, or when it is no JSON."""

    status: int
    headers: Any
    body: Any
    text: str

    @property
    def version(self) -> str:
        """The version in the ETag."""
        return str(self.headers.get("ETag", "")).removeprefix("W/").strip('"')

    @property
    def ids(self) -> list[str]:
        """Ids of the matches in a searchset."""
        return [
            entry["resource"]["id"]
            for entry in self.body.get("entry", [])
            if entry.get("search", {}).get("mode", "match") == "match"
        ]

    @property
    def along(self) -> set[str]:
        """Ids of what came along with them."""
        return {
            entry["resource"]["id"]
            for entry in self.body.get("entry", [])
            if entry.get("search", {}).get("mode") == "include"
        }

    def link(self, relation: str) -> str:
        """The address of a link; empty when there is none."""
        found = [one["url"] for one in self.body.get("link", []) if one["relation"] == relation]
        return found[0] if found else ""


@dataclass
class Fhir:
    """A server at a base address, asked with a token where one is needed."""

    base: str
    token: str = ""
    http: requests.Session = field(default_factory=requests.Session)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """One request; names of headers are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        if data is not None:
            sent.setdefault("Content-Type", FHIR)
        address = path if path.startswith("http") else f"{self.base}{path and f'/{path}'}"
        found = self.http.request(method, address, data=data, headers=sent, timeout=30)
        try:
            value = found.json() if found.content else None
        except ValueError:
            value = None
        return Answer(found.status_code, found.headers, value, found.text)

    def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return self.ask("GET", path, **headers)

    def create(self, resource: Json) -> Json:
        """POST a resource that has to be taken; the resource as stored."""
        answer = self.ask("POST", resource["resourceType"], resource)
        assert answer.status == 201, answer.text
        found: Json = answer.body
        return found

    def bundle(self, type_: str, *entries: Json, **headers: str) -> Answer:
        """POST a Bundle to the base."""
        bundle = {"resourceType": "Bundle", "type": type_, "entry": list(entries)}
        return self.ask("POST", "", bundle, **headers)

    def find(self, type_: str, **asked: str) -> list[str]:
        """Ids that a search finds."""
        query = "&".join(f"{quote(name, safe=':')}={quote(value)}" for name, value in asked.items())
        answer = self.get(f"{type_}?{query}")
        assert answer.status == 200, answer.text
        return answer.ids


def fresh() -> str:
    """A word that no other test and no other run has said."""
    return f"c{secrets.token_hex(8)}"


def patient(mark: str, **more: Any) -> Json:
    """A made-up patient who carries this mark as an identifier."""
    return {
        "resourceType": "Patient",
        "identifier": [{"system": "urn:example:conformance", "value": mark}],
        "name": [{"family": "Conformance", "given": ["Synthetic"]}],
        **more,
    }


def observation(mark: str, subject: str, **more: Any) -> Json:
    """A made-up observation of this patient."""
    return {
        "resourceType": "Observation",
        "identifier": [{"system": "urn:example:conformance", "value": mark}],
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "8867-4"}]},
        "subject": {"reference": f"Patient/{subject}"},
        **more,
    }


def entry(method: str, url: str, resource: Json | None = None, **request: str) -> Json:
    """An entry of a batch or transaction."""
    made: Json = {"request": {"method": method, "url": url, **request}}
    return made if resource is None else {**made, "resource": resource}
