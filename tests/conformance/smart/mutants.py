"""Broken servers: each stands between the sandbox and its callers and spoils one thing.

They know HTTP and OAuth, nothing of the product. The suite has to notice every one of them.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tests.conformance.smart.keys import challenge

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]
Headers = list[tuple[str, str]]

_VERIFIER = "mutant-verifier-" + "m" * 40


class Mutant:
    """A WSGI application around another; what it does not override passes through."""

    def __init__(self, inner: Wsgi) -> None:
        self.inner = inner

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        """Answer one request."""
        self.asked(environ)
        status, headers, body = self.pass_on(environ)
        status, headers, body = self.told(environ, status, headers, body)
        kept = [one for one in headers if one[0].lower() != "content-length"]
        start(status, [*kept, ("Content-Length", str(len(body)))])
        return [body]

    def pass_on(self, environ: Environ) -> tuple[str, Headers, bytes]:
        """What the server itself answers."""
        caught: dict[str, Any] = {}

        def start(status: str, headers: Headers, *_: Any) -> Callable[[bytes], None]:
            caught.update(status=status, headers=headers)
            return lambda _data: None

        found = self.inner(environ, start)
        try:
            body = b"".join(found)
        finally:
            if hasattr(found, "close"):
                found.close()
        return caught["status"], list(caught["headers"]), body

    def asked(self, environ: Environ) -> None:
        """Spoil the request."""

    def told(
        self, environ: Environ, status: str, headers: Headers, body: bytes
    ) -> tuple[str, Headers, bytes]:
        """Spoil the answer."""
        return status, headers, body


def _form(environ: Environ) -> dict[str, str]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def _set_form(environ: Environ, form: Mapping[str, str]) -> None:
    body = urlencode(form).encode()
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))


def _is(environ: Environ, path: str) -> bool:
    return str(environ["PATH_INFO"]) == path


def _change_query(environ: Environ, **changes: str) -> None:
    query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    environ["QUERY_STRING"] = urlencode({**query, **changes})


class OffersPlain(Mutant):
    """Says that it supports plain."""

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        return status, headers, body.replace(b'["S256"]', b'["S256","plain"]')


class AnyVerifier(Mutant):
    """Takes a code without its verifier: every challenge is replaced by one of its own."""

    def asked(self, environ: Environ) -> None:
        if _is(environ, "/auth/authorize") and environ["REQUEST_METHOD"] == "GET":
            own = {"code_challenge": challenge(_VERIFIER), "code_challenge_method": "S256"}
            _change_query(environ, **own)
        if _is(environ, "/auth/token"):
            form = _form(environ)
            if form.get("grant_type") == "authorization_code":
                _set_form(environ, {**form, "code_verifier": _VERIFIER})


class Forgetful(Mutant):
    """Answers a request to the token endpoint again when its one-time part was answered before."""

    part = "code"

    def __init__(self, inner: Wsgi) -> None:
        super().__init__(inner)
        self.kept: dict[str, tuple[str, Headers, bytes]] = {}

    def pass_on(self, environ: Environ) -> tuple[str, Headers, bytes]:
        """The first good answer, again and again."""
        key = _form(environ).get(self.part, "") if _is(environ, "/auth/token") else ""
        if key in self.kept:
            return self.kept[key]
        answer = super().pass_on(environ)
        if key and answer[0].startswith("200"):
            self.kept[key] = answer
        return answer


class ReusableRefresh(Forgetful):
    """Takes a refresh token twice."""

    part = "refresh_token"


class ReusableAssertion(Forgetful):
    """Takes an assertion twice."""

    part = "client_assertion"


class OpenRedirect(Mutant):
    """Sends the browser to whatever address was named."""

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        to = dict(parse_qsl(environ["QUERY_STRING"])).get("redirect_uri", "")
        if _is(environ, "/auth/authorize") and status.startswith("400") and to:
            return "302 Found", [("Location", f"{to}?error=invalid_request")], b""
        return status, headers, body


class LosesState(Mutant):
    """Sends the app no state."""

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        return status, [_stateless(*one) for one in headers], body


def _stateless(name: str, value: str) -> tuple[str, str]:
    if name != "Location":
        return name, value
    parts = urlsplit(value)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] != "state"]
    return name, urlunsplit(parts._replace(query=urlencode(kept)))


class AnyAudience(Mutant):
    """Takes a request that was meant for another FHIR server."""

    def asked(self, environ: Environ) -> None:
        if _is(environ, "/auth/authorize") and environ["REQUEST_METHOD"] == "GET":
            own = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}/fhir"
            _change_query(environ, aud=own)


class NoEnforcement(Mutant):
    """Opens everything to every good token: the first launcher did so."""

    def __init__(self, inner: Wsgi) -> None:
        super().__init__(inner)
        self.good: set[str] = set()

    def asked(self, environ: Environ) -> None:
        bearer = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        if str(environ["PATH_INFO"]).startswith("/fhir") and bearer in self.good:
            environ["HTTP_AUTHORIZATION"] = "Bearer made-up-service-secret"

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        if _is(environ, "/auth/token") and status.startswith("200"):
            self.good.add(json.loads(body)["access_token"])
        return status, headers, body


class NoToken(Mutant):
    """Answers without a token."""

    def asked(self, environ: Environ) -> None:
        if str(environ["PATH_INFO"]).startswith("/fhir"):
            environ.setdefault("HTTP_AUTHORIZATION", "Bearer made-up-service-secret")


class _Body(Mutant):
    """Spoils the JSON of one path's good answers."""

    path = "/auth/token"

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        if _is(environ, self.path) and status.startswith("200"):
            body = json.dumps(self.spoiled(json.loads(body))).encode()
        return status, headers, body

    def spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with something wrong."""
        return body


class SaysNoScope(_Body):
    """Leaves out what was granted."""

    def spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name != "scope"}


class TextBanner(_Body):
    """Sends need_patient_banner as a text."""

    def spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        said = "need_patient_banner"
        return {**body, said: str(body[said]).lower()} if said in body else body


class LongTokens(_Body):
    """Says that every token lasts for a day."""

    def spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "expires_in": 86_400}


class OldContext(_Body):
    """Sends fhirContext as the texts of version 2.0."""

    def spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        items = [str(one.get("reference")) for one in body.get("fhirContext", [])]
        return {**body, "fhirContext": items} if items else body


class TalksOfDeadTokens(_Body):
    """Tells why a token does not work."""

    path = "/auth/introspect"

    def spoiled(self, body: dict[str, Any]) -> dict[str, Any]:
        return body if body["active"] else {**body, "error": "expired"}


class KeepsAnswers(Mutant):
    """Lets anybody on the way keep tokens."""

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        kept = [one for one in headers if one[0] not in {"Cache-Control", "Pragma"}]
        return status, kept, body


class EveryOrigin(Mutant):
    """Lets every page call everything."""

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        kept = [one for one in headers if one[0] != "Access-Control-Allow-Origin"]
        return status, [*kept, ("Access-Control-Allow-Origin", "*")], body


class WrongError(Mutant):
    """Calls every refusal of a client something else."""

    def told(self, environ: Environ, status: str, headers: Headers, body: bytes) -> Any:
        return status, headers, body.replace(b"invalid_client", b"invalid_request")


# Which check has to notice which
MUTANTS: Mapping[type[Mutant], str] = {
    OffersPlain: "only_s256_is_offered",
    AnyVerifier: "the_verifier_has_to_be_there_and_right",
    Forgetful: "a_code_works_once_and_a_replay_ends_what_came_from_it",
    ReusableRefresh: "a_refresh_token_works_once_and_reuse_ends_the_family",
    ReusableAssertion: "an_assertion_works_once",
    OpenRedirect: "only_registered_apps_and_addresses_are_answered",
    LosesState: "the_state_comes_back_to_the_letter",
    AnyAudience: "aud_has_to_be_this_server_to_the_letter",
    NoEnforcement: "a_scope_opens_its_types_and_interactions_only",
    NoToken: "what_needs_no_token_is_decided_and_all_else_needs_one",
    SaysNoScope: "every_kind_of_client_gets_a_token",
    TextBanner: "a_launch_from_the_chart_carries_patient_encounter_and_banner",
    LongTokens: "a_service_gets_a_short_token",
    OldContext: "other_resources_arrive_as_fhir_context",
    TalksOfDeadTokens: "of_a_token_that_does_not_work_nothing_is_told",
    KeepsAnswers: "every_kind_of_client_gets_a_token",
    EveryOrigin: "pages_of_registered_origins_may_call",
    WrongError: "an_assertion_that_is_wrong_anywhere_is_refused",
}
