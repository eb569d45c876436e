"""The server under test as an EHR sees it: discovery, prefetch, signed calls, feedback."""

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import requests
from tests.conformance.cds import people
from tests.conformance.cds.check import NotApplicable, expect
from tests.conformance.cds.parties import Party, party, token
from tests.conformance.cds.seam import Seam
from tests.conformance.cds.stub import Stub
from tests.conformance.smart.web import Http

Service = dict[str, Any]
Body = dict[str, Any]

USER = "Practitioner/suite-user"
ACCESS_TOKEN = "suite-" + secrets.token_hex(16)
_TOKEN = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")

# Source: CDS Hooks library 2.0.0, the contexts' required fields and the optional encounterId
CONTEXTS: Mapping[str, tuple[str, ...]] = {
    "patient-view": ("userId", "patientId"),
    "encounter-start": ("userId", "patientId", "encounterId"),
    "encounter-discharge": ("userId", "patientId", "encounterId"),
    "order-select": ("userId", "patientId", "selections", "draftOrders"),
    "order-sign": ("userId", "patientId", "draftOrders"),
    "order-dispatch": ("patientId", "dispatchedOrders", "performer"),
    "appointment-book": ("userId", "patientId", "appointments"),
    "problem-list-item-create": ("userId", "patientId", "conditions"),
    "allergyintolerance-create": ("userId", "patientId", "allergyIntolerance"),
    "medication-refill": ("patientId", "medications"),
}


@dataclass
class Target:
    """One server; `base` is what stands before /cds-services, to the letter of its tokens."""

    base: str
    stub: Stub
    origin: str = "https://ehr.suite.example"
    """An origin of pages that the server lets call."""
    chosen: str = ""
    """Service that most checks ask; without it the first for patient-view."""
    needs: tuple[str, ...] = ()
    """Prefetch keys that the chosen service cannot do without; found out when not said."""
    assumed: tuple[Service, ...] = ()
    """The catalogue, for a server whose discovery does not work."""
    deadline_s: float = 5.0
    """Seconds in which the server has to answer, whatever its FHIR server does."""
    max_bytes: int = 0
    """Largest request that the server takes; 0 when it is not known."""
    seam: Seam = field(default_factory=Seam)
    http: Http = field(default_factory=Http)
    kept: list[dict[str, Any]] = field(default_factory=list)
    """Cards that many checks look at."""

    def __post_init__(self) -> None:
        self.base = self.base.rstrip("/")

    @property
    def discovery_url(self) -> str:
        """Where discovery is."""
        return f"{self.base}/cds-services"

    def url(self, service: str) -> str:
        """Where a service is called."""
        return f"{self.discovery_url}/{service}"

    @cached_property
    def first(self) -> Party:
        """The client that makes most calls."""
        return party("first", self.stub)

    @cached_property
    def second(self) -> Party:
        """A client of another tenant."""
        return party("second", self.stub)

    @cached_property
    def services(self) -> list[Service]:
        """The catalogue."""
        if self.assumed:
            return list(self.assumed)
        answer = self.discover()
        expect(answer.status_code == 200, f"discovery answers {answer.status_code}")
        found = answer.json()["services"]
        expect(found, "no service is on offer")
        return list(found)

    @cached_property
    def main(self) -> Service:
        """The service that most checks ask."""
        for one in self.services:
            named = one["id"] == self.chosen if self.chosen else True
            if named and one["hook"] == "patient-view":
                return one
        raise NotApplicable("no service for patient-view is on offer")

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Prefetch keys that the main service needs: those said, else those it asks for by 412."""
        if self.needs:
            return self.needs
        keys = self.main.get("prefetch", {})
        return tuple(key for key in keys if self.call(without=(key,)).status_code == 412)

    @cached_property
    def takes_feedback(self) -> bool:
        """Whether there is a feedback endpoint, which a service may have."""
        return self.post(f"{self.url(self.main['id'])}/feedback", {}).status_code != 404

    @cached_property
    def is_guarded(self) -> bool:
        """Whether calls without a token are refused."""
        return self.call(bearer="").status_code == 401

    def discover(self, **more: Any) -> requests.Response:
        """The answer to discovery, asked with a token that is meant for it."""
        given = {"Authorization": f"Bearer {token(self.first, self.discovery_url)}"}
        headers = {**given, **more.pop("headers", {})}
        return self.http.request(more.pop("method", "GET"), self.discovery_url, headers=headers)

    def request(self, service: Service | None = None, patient: str = "") -> Body:
        """A whole request about an ill patient, or about this one, with every prefetch key."""
        service = service or self.main
        patient = patient or people.somebody()
        context = context_of(service["hook"], patient)
        body: Body = {
            "hook": service["hook"],
            "hookInstance": people.new_uuid(),
            "context": context,
        }
        filled = self.prefetched(service, context)
        return {**body, "prefetch": filled} if filled else body

    def prefetched(self, service: Service, context: Mapping[str, Any]) -> Body:
        """What the stub's FHIR server holds for each template; a key without data is null."""
        found: Body = {}
        for key, template in service.get("prefetch", {}).items():
            query = expanded(template, context)
            if query is not None:
                path, _, rest = query.partition("?")
                found[key] = self.stub.fhir_answer(path, rest)
        return found

    def authorized(self, body: Body, **changes: Any) -> Body:
        """The same request with access to the stub's FHIR server."""
        given = {
            "access_token": ACCESS_TOKEN,
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "suite",
            "patient": body["context"]["patientId"],
            **changes,
        }
        return {**body, "fhirServer": self.stub.fhir, "fhirAuthorization": given}

    def call(
        self,
        body: Any = None,
        *,
        service: Service | None = None,
        without: tuple[str, ...] = (),
        bearer: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer of a service to a request; `without` leaves prefetch keys out."""
        service = service or self.main
        body = self.request(service) if body is None else body
        if without:
            kept = {k: v for k, v in body.get("prefetch", {}).items() if k not in without}
            body = {**{k: v for k, v in body.items() if k != "prefetch"}}
            body = {**body, "prefetch": kept} if kept else body
        return self.post(self.url(service["id"]), body, bearer=bearer, headers=headers)

    def post(
        self,
        url: str,
        body: Any,
        *,
        bearer: str | None = None,
        sender: Party | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """The answer to a POST; `bearer` is an empty text for none, else a good token is made."""
        made = token(sender or self.first, url) if bearer is None else bearer
        sent = {"Content-Type": "application/json", **(headers or {})}
        if made:
            sent["Authorization"] = f"Bearer {made}"
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(url, data=data, headers=sent)

    def card(self, patient: str = "", service: Service | None = None) -> Body:
        """The first card on this patient, or on one who is ill and of whom it has not spoken."""
        cards = self.cards(patient, service)
        expect(cards, "no card about a patient who is ill")
        return cards[0]

    def cards(self, patient: str = "", service: Service | None = None) -> list[Body]:
        """The cards of a good answer."""
        answer = self.call(self.request(service, patient), service=service)
        expect(answer.status_code == 200, f"a good call is answered {answer.status_code}")
        return list(answer.json()["cards"])

    def tell(
        self, items: Any, *, service: str = "", sender: Party | None = None, whole: bool = False
    ) -> requests.Response:
        """The answer to feedback; `whole` sends it as it is, without the list around it."""
        body = items if whole else {"feedback": items}
        return self.post(f"{self.url(service or self.main['id'])}/feedback", body, sender=sender)


def context_of(hook: str, patient: str) -> Body:
    """A good context of this hook; only its required fields, and the stay where it has one."""
    order = {
        "resourceType": "MedicationRequest",
        "id": "order-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {
            "coding": [
                {
                    "system": "http://www.nlm.nih.gov/research/umls/rxnorm",
                    "code": "7052",
                    "display": "Morphine",
                }
            ]
        },
    }
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": order}]}
    whole = {
        "userId": USER,
        "patientId": patient,
        "encounterId": people.visit_of(patient),
        "selections": ["MedicationRequest/order-1"],
        "draftOrders": bundle,
        "dispatchedOrders": ["ServiceRequest/order-2"],
        "performer": "Organization/suite",
        "appointments": bundle,
        "conditions": bundle,
        "medications": bundle,
        "allergyIntolerance": {"resourceType": "AllergyIntolerance"},
    }
    return {name: whole[name] for name in CONTEXTS.get(hook, ("userId", "patientId"))}


def expanded(template: str, context: Mapping[str, Any]) -> str | None:
    """A template with its tokens filled in; nothing when the context does not hold one.

    Source: CDS Hooks 2.0, Prefetch tokens.
    """
    values = {f"context.{name}": value for name, value in context.items()}
    values["userPractitionerId"] = USER.partition("/")[2]
    if any(not isinstance(values.get(name), str) for name in tokens_in(template)):
        return None
    return _TOKEN.sub(lambda found: str(values[found[1]]), template)


def tokens_in(template: str) -> list[str]:
    """The tokens of a template."""
    return _TOKEN.findall(template)
