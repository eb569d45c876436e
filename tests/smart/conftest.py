"""A made-up EHR with a strict authorization server, and a clock that tests move."""

import base64
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import requests
import responses
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from wherry.codec import encode
from wherry_smart.protocol.client import Key, new_key

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUER = "https://ehr.example.org/fhir"
AUTH = "https://ehr.example.org/auth"
CANARY = "canary-token-that-nobody-may-see"

RSA = RSAKey.generate_key(2048, private=True, parameters={"kid": "ehr-1", "use": "sig"})
FOREIGN = RSAKey.generate_key(2048, private=True, parameters={"kid": "ehr-1", "use": "sig"})
CLIENT_KEY = new_key()


@dataclass
class Clock:
    """A clock that tests move."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def pass_(self, **time: float) -> None:
        self.at += timedelta(**time)


@dataclass
class Ehr:
    """A made-up EHR: it checks what SMART tells a server to check, and answers as it is told."""

    web: responses.RequestsMock
    clock: Clock
    configuration: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    sign: Callable[[dict[str, Any]], str] | None = None
    token_status: int = 200
    patient: str = "p-1"
    key_set: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seen: list[dict[str, str]] = field(default_factory=list)
    spent: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._asked: dict[str, dict[str, str]] = {}
        self._jtis: set[str] = set()
        self._numbers = count(1)
        self.configuration = {
            "issuer": ISSUER,
            "jwks_uri": f"{AUTH}/jwks",
            "authorization_endpoint": f"{AUTH}/authorize",
            "token_endpoint": f"{AUTH}/token",
            "code_challenge_methods_supported": ["S256"],
            **self.configuration,
        }
        public = {**RSA.as_dict(private=False), "kid": "ehr-1", "alg": "RS256"}
        self.key_set = self.key_set or {"keys": [public]}
        address = f"{ISSUER}/.well-known/smart-configuration"
        self._serve(address, lambda: self.configuration)
        self._serve(f"{AUTH}/jwks", lambda: self.key_set)
        self.web.add_callback("POST", f"{AUTH}/token", self._token)

    def approve(self, address: str) -> str:
        """The user agrees; the address that the browser is sent back to."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = f"made-up-code-{next(self._numbers)}"
        self._asked[code] = asked
        self.seen.append(asked)
        return f"/callback?{urlencode({'code': code, 'state': asked['state']})}"

    def calls(self) -> list[str]:
        """The addresses that were asked, without their queries."""
        return [str(call.request.url).partition("?")[0] for call in self.web.calls]

    def _serve(self, address: str, body: Callable[[], Any]) -> None:
        def answer(_: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
            return 200, {"Content-Type": "application/json"}, encode(body())

        self.web.add_callback("GET", address, answer)

    def _token(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        form = {name: values[0] for name, values in parse_qs(str(request.body)).items()}
        self.spent.append((form["code"], form["code_verifier"], form["client_assertion"]))
        asked = self._asked.pop(form.get("code", ""), None)
        self.problems = [text for holds, text in self._checks(form, asked or {}) if not holds]
        if asked is None or self.problems or self.token_status != 200:
            status = self.token_status if self.token_status != 200 else 400
            return status, {}, encode({"error": "invalid_grant", "error_description": CANARY})
        made = {
            "access_token": f"{CANARY}-{self.patient}",
            "token_type": "Bearer",
            "expires_in": 3600,
            "scope": asked["scope"],
            "patient": self.patient,
            "id_token": self._id_token(asked["nonce"]),
            **self.answer,
        }
        kept = {name: value for name, value in made.items() if value is not None}
        return 200, {"Cache-Control": "no-store"}, encode(kept)

    def _checks(self, form: dict[str, str], asked: dict[str, str]) -> list[tuple[bool, str]]:
        verifier = form.get("code_verifier", "")
        hashed = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
        assertion = jwt.decode(form["client_assertion"], CLIENT_KEY, algorithms=["ES384"])
        claims, head = assertion.claims, assertion.header
        life = claims["exp"] - self.clock.now().timestamp()
        fresh = claims["jti"] not in self._jtis
        self._jtis.add(claims["jti"])
        jwt_bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return [
            (form.get("grant_type") == "authorization_code", "grant_type"),
            (form.get("client_assertion_type") == jwt_bearer, "assertion type"),
            ("client_id" not in form and "client_secret" not in form, "client in the body"),
            (form.get("redirect_uri") == asked.get("redirect_uri"), "redirect"),
            (43 <= len(verifier) <= 128, "verifier"),
            (hashed.rstrip(b"=").decode() == asked.get("code_challenge"), "challenge"),
            (claims["iss"] == claims["sub"] == "wherry-smart", "client"),
            (claims["aud"] == f"{AUTH}/token" and 0 < life <= 300 and fresh, "assertion"),
            (head["typ"] == "JWT" and head["kid"] == CLIENT_KEY.thumbprint(), "header"),
        ]

    def _id_token(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": ISSUER,
            "sub": "u-1",
            "aud": "wherry-smart",
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            "fhirUser": "Practitioner/u-1",
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return (self.sign or signed)(kept)


def signed(
    claims: dict[str, Any], key: RSAKey | ECKey = RSA, alg: str = "RS256", **head: Any
) -> str:
    """An id_token under this key."""
    header = {"alg": alg, "kid": "ehr-1", **head}
    kept = {name: value for name, value in header.items() if value is not None}
    return jwt.encode(kept, claims, key, algorithms=[alg])


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ehr(clock: Clock) -> Iterator[Ehr]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield Ehr(web, clock)


@pytest.fixture
def sign() -> Callable[..., str]:
    return signed


@pytest.fixture
def foreign_key() -> RSAKey:
    """A key of somebody else under the kid of the EHR's."""
    return FOREIGN


@pytest.fixture
def client_key() -> Key:
    """The key by which the EHR knows the app."""
    return CLIENT_KEY
