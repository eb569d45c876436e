"""A hook is fired as an EHR fires it: discovery, templates filled from a FHIR server, one POST."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind

Body = dict[str, Any]
Token = Callable[[str], str]
_TOKENS = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_USERS: Mapping[str, str] = {
    "Practitioner": "userPractitionerId",
    "PractitionerRole": "userPractitionerRoleId",
    "Patient": "userPatientId",
    "RelatedPerson": "userRelatedPersonId",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer: its status, its JSON, and the milliseconds that it took."""

    status: int
    body: Any
    ms: float = 0.0


class Web(Protocol):
    """HTTP as the simulator needs it."""

    def ask(self, method: str, url: str, body: bytes | None, *, bearer: str) -> Heard:
        """Whatever is answered. Raises: Failure(UNAVAILABLE) when nothing is."""
        ...


@dataclass(frozen=True, slots=True)
class Simulator:
    """An EHR with one FHIR server; `token` makes the bearer of a call to an address."""

    web: Web
    base: str
    fhir: str
    token: Token
    fhir_token: str = ""

    def offered(self, service: str, hook: str = "") -> Body:
        """The service of this id, on this hook or the first it is offered on.

        Raises: Failure: NOT_FOUND, or UNAVAILABLE when discovery answers something else.
        """
        url = f"{self.base}/cds-services"
        heard = self.web.ask("GET", url, None, bearer=self.token(url))
        services = heard.body.get("services") if isinstance(heard.body, dict) else None
        if heard.status != 200 or not isinstance(services, list):
            raise Failure(Kind.UNAVAILABLE, f"discovery answered {heard.status}")
        for one in services:
            if one.get("id") == service and hook in {"", one.get("hook")}:
                return dict(one)
        names = sorted({f"{one.get('id')} on {one.get('hook')}" for one in services})
        raise Failure(Kind.NOT_FOUND, f"not on offer; there are: {', '.join(names)}")

    def prefetched(
        self, templates: Mapping[str, str], context: Mapping[str, Any], leave: Sequence[str]
    ) -> Body:
        """What the FHIR server has for each template.

        A key is left out when a token has no value or the server does not answer, null when it has
        no such resource. Source: CDS Hooks 2.0, Prefetch Template.
        """
        found: Body = {}
        for key, template in templates.items():
            query = expanded(template, context)
            if key in leave or query is None:
                continue
            try:
                heard = self.web.ask("GET", f"{self.fhir}/{query}", None, bearer=self.fhir_token)
            except Failure:
                continue
            if heard.status in {404, 410}:
                found[key] = None
            elif heard.status == 200:
                found[key] = heard.body
        return found

    def fire(self, service: str, body: Body) -> Heard:
        """The service's answer to this request."""
        url = f"{self.base}/cds-services/{quote(service, safe='')}"
        return self.web.ask("POST", url, encode(body), bearer=self.token(url))


def expanded(template: str, context: Mapping[str, Any]) -> str | None:
    """The template with its tokens filled in, or nothing when a value is missing."""
    values = {f"context.{name}": value for name, value in context.items()}
    type_, _, id_ = str(context.get("userId", "")).partition("/")
    if type_ in _USERS:
        values[_USERS[type_]] = id_
    if any(not isinstance(values.get(name), str) for name in _TOKENS.findall(template)):
        return None
    return _TOKENS.sub(lambda found: quote(str(values[found[1]]), safe="/"), template)


def request(
    hook: str, context: Mapping[str, Any], prefetch: Mapping[str, Any], *, instance: str
) -> Body:
    """The body of a call; members without a value are left out."""
    body: Body = {"hook": hook, "hookInstance": instance, "context": dict(context)}
    return {**body, "prefetch": dict(prefetch)} if prefetch else body


def with_access(body: Body, fhir: str, token: str, *, subject: str) -> Body:
    """The same call with the way to the FHIR server, for what was not prefetched."""
    if not token:
        return {**body, "fhirServer": fhir}
    authorization = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": subject,
        "patient": body["context"].get("patientId"),
    }
    return {**body, "fhirServer": fhir, "fhirAuthorization": authorization}


def read(content: bytes) -> Any:
    """The JSON of an answer, or nothing."""
    try:
        return decode(content)
    except Failure:
        return None
