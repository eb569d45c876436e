"""An app and a browser that drive the sandbox's authorization server. All data are made up."""

import base64
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from werkzeug.test import TestResponse

from wherry.codec import encode
from wherry.resource import Resource
from wherry_ehr.auth.clients import OWN_SCOPE, Client
from wherry_ehr.deps import Deps

BASE = "http://localhost/fhir"
TOKEN_URL = "http://localhost/auth/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "made-up-verifier-" + "v" * 40
SCOPE = "launch openid fhirUser patient/Patient.rs patient/Observation.rs patient/Provenance.rs"
EC = ECKey.generate_key("P-384", {"kid": "ec-1", "alg": "ES384", "use": "sig"})
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "alg": "RS384", "use": "sig"})
OTHER = ECKey.generate_key("P-384", {"kid": "other-1"})


def challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def public(*keys: Any) -> dict[str, Any]:
    return {"keys": [key.as_dict(private=False) for key in keys]}


APP = Client(
    client_id="app",
    name="An app",
    launch_url="http://127.0.0.1:8105/launch",
    redirect_uris=("http://127.0.0.1:8105/callback", "http://127.0.0.1:8105/other?a=b"),
    scope=OWN_SCOPE,
    jwks=public(EC, RSA),
)
SECOND = Client(
    client_id="second",
    name="Another app",
    launch_url="http://127.0.0.1:8205/launch",
    redirect_uris=("http://127.0.0.1:8205/callback",),
    scope="launch patient/*.rs",
    jwks=public(OTHER),
)


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def go(self, **span: float) -> None:
        self.time += timedelta(**span)

    @property
    def seconds(self) -> int:
        return int(self.time.timestamp())


@dataclass
class Smart:
    """The sandbox as an app and a clinician's browser see it."""

    client: FlaskClient
    clock: Clock
    deps: Deps
    numbers: Iterator[int] = field(default_factory=count)

    def put(self, *resources: Resource) -> None:
        for each in resources:
            path = f"/fhir/{each['resourceType']}/{each['id']}"
            headers = {"Authorization": "Bearer made-up-service-secret"}
            answer = self.client.put(
                path, data=encode(each), content_type="application/fhir+json", headers=headers
            )
            assert answer.status_code in {200, 201}, answer.get_data(as_text=True)

    def sign_in(self, browser: FlaskClient | None = None) -> None:
        data = {"clinician": "sandbox-clinician-1"}
        (browser or self.client).post("/chart/_session", data=data)

    def handle(self, patient: str = "p-1", client: str = "app", **more: str) -> str:
        data = {"client": client, **more}
        answer = self.client.post(f"/chart/{patient}/launch", data=data)
        return query(answer.location)["launch"]

    def asked(self, **changes: Any) -> dict[str, Any]:
        """The parameters of a good authorization request; None leaves one out."""
        given = {
            "response_type": "code",
            "client_id": "app",
            "redirect_uri": "http://127.0.0.1:8105/callback",
            "scope": SCOPE,
            "state": "state-1",
            "aud": BASE,
            "code_challenge": challenge(VERIFIER),
            "code_challenge_method": "S256",
            "nonce": "nonce-1",
            **changes,
        }
        if "launch" not in given:
            given["launch"] = self.handle()
        return {name: value for name, value in given.items() if value is not None}

    def authorize(self, **changes: Any) -> TestResponse:
        return self.client.get("/auth/authorize", query_string=self.asked(**changes))

    def code(self, **changes: Any) -> str:
        return query(self.authorize(**changes).location)["code"]

    def assertion(self, *, key: Any = EC, header: Any = None, **changes: Any) -> str:
        claims = {
            "iss": "app",
            "sub": "app",
            "aud": TOKEN_URL,
            "exp": self.clock.seconds + 300,
            "jti": f"jti-{next(self.numbers)}",
            **changes,
        }
        alg = "RS384" if isinstance(key, RSAKey) else "ES384"
        head = {"alg": alg, "typ": "JWT", "kid": key.kid, **(header or {})}
        return signed(
            {name: value for name, value in head.items() if value is not None},
            {name: value for name, value in claims.items() if value is not None},
            key,
        )

    def exchange(self, code: str, **changes: Any) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://127.0.0.1:8105/callback",
            "code_verifier": VERIFIER,
            "client_assertion_type": JWT_BEARER,
            **changes,
        }
        if "client_assertion" not in form:
            form["client_assertion"] = self.assertion()
        return self.client.post(
            "/auth/token", data={name: value for name, value in form.items() if value is not None}
        )

    def token(self, **changes: Any) -> str:
        return str(self.exchange(self.code(**changes)).get_json()["access_token"])

    def fhir(self, token: str, path: str, **more: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.open(f"/fhir/{path}", headers=headers, **{"method": "GET", **more})


def signed(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    alg = header["alg"]
    registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(
        header, json.dumps(claims), key, algorithms=[alg], registry=registry
    )


def query(location: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}


def patient(id_: str) -> Resource:
    return {"resourceType": "Patient", "id": id_, "name": [{"family": "Testperson"}]}


def pulse(id_: str, of: str) -> Resource:
    return {
        "resourceType": "Observation",
        "id": id_,
        "status": "final",
        "code": {"text": "Pulse"},
        "subject": {"reference": f"Patient/{of}"},
    }


def ids_of(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return [entry["resource"]["id"] for entry in answer.get_json().get("entry", [])]


def second_token(smart: Smart, scope: str) -> str:
    """A token of the second app, whose registration allows every type."""
    address = "http://127.0.0.1:8205/callback"
    code = smart.code(
        client_id="second",
        redirect_uri=address,
        scope=scope,
        launch=smart.handle(client="second"),
    )
    made = smart.exchange(
        code,
        redirect_uri=address,
        client_assertion=smart.assertion(key=OTHER, iss="second", sub="second"),
    )
    return str(made.get_json()["access_token"])
