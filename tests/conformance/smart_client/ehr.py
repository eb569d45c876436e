"""An EHR as an app sees it: discovery, tokens, keys, a little FHIR; it misbehaves when told to.

It keeps every request. Each path below it is an EHR of its own, so that one process can be the EHR
of apps with a key, with a secret and without either.
"""

import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.conformance.smart_client.record import PATIENT, RESOURCES, observations
from tests.conformance.smart_client.signing import KEY, sign

CANARY = "canary-token-that-nobody-may-see"

Json = dict[str, Any]
Change = Callable[[Json], Json]
Answer = tuple[int, Json, dict[str, str]]
"""Status, JSON and headers."""


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Mischief:
    """What is different from a well-behaved EHR; nothing unless a check says so."""

    config: Change = lambda found: found
    openid: Change = lambda found: found
    token: Change = lambda found: found
    claims: Change = lambda found: found
    head: Change = lambda found: found
    sign: Callable[[Json, Json], str] | None = None
    discovery_redirect: str = ""
    token_status: int = 200
    fhir_status: int = 200
    renewed: Change = lambda found: found


@dataclass
class Ehr:
    """The EHR: its address, what came, and what it is to do wrong."""

    origin: str
    asked: list[Asked] = field(default_factory=list)
    mischief: Mischief = field(default_factory=Mischief)
    granted: dict[str, Json] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    refresh: set[str] = field(default_factory=set)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def base(self, kind: str) -> str:
        """The FHIR base of one of its EHRs."""
        return f"{self.origin}/{kind}/fhir"

    def begin(self) -> None:
        """Forget what came, and behave."""
        with self.lock:
            self.asked.clear()
            self.mischief = Mischief()

    def to(self, ending: str) -> list[Asked]:
        """The requests to addresses that end so."""
        with self.lock:
            return [each for each in self.asked if each.path.endswith(ending)]

    def approve(self, query: Json) -> str:
        """A code for this authorization request."""
        code = secrets.token_urlsafe(24)
        with self.lock:
            self.granted[code] = dict(query)
        return code

    def answer(self, asked: Asked) -> Answer:
        """What a request is answered."""
        with self.lock:
            self.asked.append(asked)
            _, kind, *rest = asked.path.split("/")
            path = "/".join(rest)
            if path.startswith("fhir/") and "/.well-known/" not in path:
                return self._fhir(path.removeprefix("fhir/"), asked)
            known = {
                "fhir/.well-known/smart-configuration": self._discovery,
                "fhir/.well-known/openid-configuration": self._openid,
                "auth/jwks": self._jwks,
                "auth/token": self._token,
                "auth/revoke": self._revoke,
            }
            return known[path](kind, asked) if path in known else (404, {}, {})

    def _discovery(self, kind: str, _: Asked) -> Answer:
        if self.mischief.discovery_redirect:
            return 302, {}, {"Location": self.mischief.discovery_redirect}
        return 200, self.mischief.config(self._config(kind)), {}

    def _jwks(self, _kind: str, _: Asked) -> Answer:
        return 200, {"keys": [{**KEY.as_dict(private=False), "alg": "RS256"}]}, {}

    def _revoke(self, _kind: str, asked: Asked) -> Answer:
        self.tokens.discard(asked.form.get("token", ""))
        self.refresh.discard(asked.form.get("token", ""))
        return 200, {}, {}

    def _config(self, kind: str) -> Json:
        at = f"{self.origin}/{kind}/auth"
        return {
            "issuer": self.base(kind),
            "jwks_uri": f"{at}/jwks",
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "revocation_endpoint": f"{at}/revoke",
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "launch-standalone", "permission-v2"],
        }

    def _openid(self, kind: str, _: Asked) -> Answer:
        found = {"issuer": self.base(kind), "jwks_uri": f"{self.origin}/{kind}/auth/jwks"}
        return 200, self.mischief.openid(found), {}

    def _token(self, kind: str, asked: Asked) -> Answer:
        wrong = self.mischief
        if wrong.token_status != 200:
            return wrong.token_status, {"error": "invalid_grant", "error_description": CANARY}, {}
        if asked.form.get("grant_type") == "refresh_token":
            return self._renew(asked)
        if asked.form.get("grant_type") == "client_credentials":
            return 200, {**self._new(asked.form.get("scope", "")), "refresh_token": None}, {}
        given = self.granted.pop(asked.form.get("code", ""), None)
        if given is None:
            return 400, {"error": "invalid_grant"}, {}
        body = {
            **self._new(given["scope"]),
            "patient": PATIENT,
            "encounter": "made-up-stay",
            "need_patient_banner": True,
            "id_token": self._id_token(kind, given),
        }
        made = wrong.token(body)
        return 200, {name: value for name, value in made.items() if value is not None}, {}

    def _new(self, scope: str) -> Json:
        access, refresh = (f"{CANARY}-{secrets.token_urlsafe(8)}" for _ in range(2))
        self.tokens.add(access)
        self.refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": scope,
        }

    def _renew(self, asked: Asked) -> Answer:
        """A refresh token works once, as RFC 9700 wants it."""
        token = asked.form.get("refresh_token", "")
        if token not in self.refresh:
            return 400, {"error": "invalid_grant"}, {}
        self.refresh.discard(token)
        made = self.mischief.renewed(self._new("patient/*.rs"))
        return 200, {name: value for name, value in made.items() if value is not None}, {}

    def _id_token(self, kind: str, given: Json) -> str:
        now, wrong = int(time.time()), self.mischief
        claims = wrong.claims(
            {
                "iss": self.base(kind),
                "sub": "made-up-user",
                "aud": given["client_id"],
                "iat": now,
                "exp": now + 300,
                "nonce": given.get("nonce", ""),
                "fhirUser": f"{self.base(kind)}/Practitioner/made-up-user",
            }
        )
        head = wrong.head({"alg": "RS256", "kid": "ehr-1"})
        claims, head = (
            {name: value for name, value in part.items() if value is not None}
            for part in (claims, head)
        )
        return wrong.sign(head, claims) if wrong.sign else sign(head, claims, KEY)

    def _fhir(self, path: str, asked: Asked) -> Answer:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return 401, {}, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        if self.mischief.fhir_status != 200:
            return self.mischief.fhir_status, {}, {}
        if path.endswith("/_search"):
            found = observations() if path.startswith("Observation/") else []
            entries = [{"resource": each, "search": {"mode": "match"}} for each in found]
            return 200, {"resourceType": "Bundle", "type": "searchset", "entry": entries}, {}
        return (200, RESOURCES[path], {}) if path in RESOURCES else (404, {}, {})


def having(**more: Any) -> Change:
    """The same with these members."""

    def change(found: Json) -> Json:
        return {**found, **more}

    return change


def lacking(*names: str) -> Change:
    """The same without these members."""

    def change(found: Json) -> Json:
        return {name: value for name, value in found.items() if name not in names}

    return change


@contextmanager
def running() -> Iterator[Ehr]:
    """The EHR on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    ehr = Ehr(f"http://127.0.0.1:{server.server_port}")
    server.ehr = ehr  # type: ignore[attr-defined]  # the handler finds it there
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield ehr
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._do()

    def do_POST(self) -> None:
        self._do()

    def _do(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        is_form = "urlencoded" in self.headers.get("Content-Type", "")
        asked = Asked(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query)),
            {name.lower(): value for name, value in self.headers.items()},
            dict(parse_qsl(body)) if is_form else {},
        )
        status, answer, headers = self.server.ehr.answer(asked)  # type: ignore[attr-defined]
        sent = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(sent)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        return
