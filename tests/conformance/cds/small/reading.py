"""The small server's way to the data of a call, and the ways in which it can go wrong."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from tests.conformance.cds.small import cards

Has = Callable[[str], bool]
Observations = list[dict[str, Any]]

OPTIONAL = frozenset({"laboratory"})
_TOKEN = re.compile(r"\{\{context\.(\w+)\}\}")


class Unmet(Exception):
    """A key that was neither sent nor could be read; the text is its name."""


class Wrong(Exception):
    """A key whose data are not this patient's, or no data at all; the text is its name."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One call's reading; `ends` is when it has to be over."""

    http: requests.Session
    fhir: str
    has: Has
    ends: float

    def record(self, body: Mapping[str, Any], patient: str) -> Observations:
        """Every observation. Raises: Unmet, Wrong."""
        sent = body.get("prefetch", {})
        templates = cards.services(self.has)[0]["prefetch"]
        if self.has("a key more is refused") and set(sent) - set(templates):
            raise Wrong("prefetch")
        found: Observations = []
        for key, template in templates.items():
            found += self._key(key, template, body, patient)
        return found

    def _key(self, key: str, template: str, body: Mapping[str, Any], patient: str) -> Observations:
        sent, has = body.get("prefetch", {}), self.has
        again = has("everything is read again") and "fhirServer" in body
        again = again or (has("null is read again") and sent.get(key, 1) is None)
        try:
            if key not in sent or again:
                return self._read(key, template, body, patient)
            return self._sent(key, sent[key], body, patient)
        except Unmet:
            strict = has("an optional outcome is 412") and sent.get(key)
            optional = key in OPTIONAL and not strict
            if optional or has("missing data are scored"):
                return []
            raise

    def _sent(self, key: str, value: Any, body: Mapping[str, Any], patient: str) -> Observations:
        has = self.has
        if value is None:
            return []
        kind = value.get("resourceType") if isinstance(value, dict) else None
        if kind == "OperationOutcome":
            if has("an outcome is data"):
                return []
            raise Unmet(key)
        wanted = "Patient" if key == "patient" else "Bundle"
        if kind != wanted:
            if has("anything is a resource"):
                return []
            raise Wrong(key)
        if kind == "Patient":
            if value.get("id") != patient and not has("anybody's data"):
                raise Wrong(key)
            return []
        if not value.get("entry") and has("an empty Bundle is 412"):
            raise Unmet(key)
        found = self._entries(key, value, patient, has("anybody's data"))
        for link in value.get("link", []):
            if link.get("relation") == "next":
                found += self._page(key, str(link.get("url")), body, patient)
        return found

    def _entries(
        self, key: str, bundle: Mapping[str, Any], patient: str, anybody: bool
    ) -> Observations:
        found = []
        for entry in bundle.get("entry", []):
            one = entry["resource"]
            if one["resourceType"] == "OperationOutcome":
                if self.has("an outcome among matches is refused"):
                    raise Wrong(key)
                continue
            if one["subject"]["reference"] != f"Patient/{patient}" and not anybody:
                raise Wrong(key)
            found.append(one)
        return found

    def _page(self, key: str, url: str, body: Mapping[str, Any], patient: str) -> Observations:
        same = urlsplit(url).netloc == urlsplit(self.fhir).netloc
        if self.has("no further page") or not (same or self.has("any further page")):
            return []
        return self._entries(key, self._get(key, url, body), patient, anybody=False)

    def _read(self, key: str, template: str, body: Mapping[str, Any], patient: str) -> Observations:
        server = body.get("fhirServer", "")
        expired = body.get("fhirAuthorization", {}).get("expires_in", 1) <= 0
        if expired and not self.has("a token that is over"):
            raise Unmet(key)
        if not server or (server != self.fhir and not self.has("any FHIR server")):
            raise Unmet(key)
        query = _TOKEN.sub(lambda token: str(body["context"].get(token[1])), template)
        found = self._get(key, f"{server}/{query}", body)
        if found.get("resourceType") == "Patient":
            return []
        anybody = self.has("anybody's data from the FHIR server")
        try:
            return self._entries(key, found, patient, anybody)
        except Wrong:
            raise Unmet(key) from None

    def _get(self, key: str, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
        token = body.get("fhirAuthorization", {}).get("access_token", "")
        headers = {"Authorization": f"Bearer {token}"}
        if self.has("no token for the FHIR server"):
            headers = {}
        left = 20.0 if self.has("a FHIR server is waited for") else self.ends - time.monotonic()
        try:
            answer = self.http.get(url, headers=headers, timeout=max(0.01, left))
        except requests.RequestException:
            raise Unmet(key) from None
        if answer.status_code != 200:
            if self.has("a FHIR server's refusal is no data"):
                return {}
            raise Unmet(key)
        body_: dict[str, Any] = answer.json()
        return body_
