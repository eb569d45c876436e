"""The sandbox of vendors' clouds for tests: in this process, or on a port of this machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from tests.devices.harness import StandingClock
from werkzeug.test import TestResponse

from wherry.codec import decode, encode
from wherry_devices.sandbox.app import create_app
from wherry_devices.sandbox.deps import Deps, Send
from wherry_devices.sandbox.faults import Faults
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET, Grants
from wherry_devices.sandbox.state import State

KEY = ec.derive_private_key(20260301, ec.SECP256R1())
BACK = "http://127.0.0.1:1/callback"
CONSENT = {
    "withings": "/withings/oauth2_user/authorize2",
    "dexcom": "/dexcom/v2/oauth2/login",
    "omron": "/omron/connect/authorize",
    "google-health": "/google-health/o/oauth2/v2/auth",
    "ihealth": "/ihealth/OpenApiV2/OAuthv2/userauthorization/",
}
TOKENS = {
    "withings": "/withings/v2/oauth2",
    "dexcom": "/dexcom/v2/oauth2/token",
    "omron": "/omron/prd/connect/token",
    "google-health": "/google-health/token",
}


@dataclass
class Sent:
    """One notice that the sandbox would have sent."""

    address: str
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Clouds:
    """The sandbox around a clock that stands, random texts that count, and notices that are kept.

    `answers` is what the next notices are answered; 200 when there are no more.
    """

    clock: StandingClock = field(default_factory=StandingClock)
    page_size: int = 100
    sent: list[Sent] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    count: int = 0
    carry: Send | None = None

    def __post_init__(self) -> None:
        self.deps = Deps(
            state=State(self.clock.now, self.text),
            grants=Grants(self.clock.now, self.text),
            faults=Faults(self.slept.append),
            send=self.carry or self.send,
            key=KEY,
            page_size=self.page_size,
        )
        self.app: Flask = create_app(self.deps)
        self.web: FlaskClient = self.app.test_client()

    def text(self) -> str:
        self.count += 1
        return f"made-up-{self.count}"

    def send(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.sent.append(Sent(address, body, headers))
        return self.answers.pop(0) if self.answers else 200

    def post(self, path: str, body: Any) -> TestResponse:
        return self.web.post(f"/sandbox{path}", data=encode(body))

    def person(self, vendor: str, account: str = "made-up-1", **more: Any) -> None:
        made = self.post("/people", {"vendor": vendor, "account": account, **more})
        assert made.status_code == 201, made.text

    def measure(
        self, vendor: str, *readings: dict[str, Any], account: str = "made-up-1", tell: bool = False
    ) -> list[int]:
        body = {"readings": list(readings), "tell": tell}
        made = self.post(f"/people/{vendor}/{account}/readings", body)
        assert made.status_code == 201, made.text
        return list(decode(made.data)["ids"])

    def fault(self, vendor: str, kind: str, **more: Any) -> None:
        made = self.post("/faults", {"vendor": vendor, "kind": kind, **more})
        assert made.status_code == 201, made.text

    def code(self, vendor: str, **more: str) -> str:
        asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": BACK, **more}
        answer = self.web.get(CONSENT[vendor], query_string={"state": "s-1", **asked})
        assert answer.status_code == 302, answer.text
        back = parse_qs(urlsplit(answer.location).query)
        assert back["state"] == ["s-1"]
        return back["code"][0]

    def tokens(self, vendor: str, **form: str) -> Any:
        """The answer to a grant, as plain data; without one the code of whoever is alone there."""
        form = form or {"grant_type": "authorization_code", "code": self.code(vendor)}
        client = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "redirect_uri": BACK}
        if vendor == "ihealth":
            answer = self.web.get(CONSENT[vendor], query_string={**client, **form})
        else:
            action = {"action": "requesttoken"} if vendor == "withings" else {}
            answer = self.web.post(TOKENS[vendor], data={**client, **action, **form})
        return decode(answer.data)

    def bearer(self, vendor: str) -> dict[str, str]:
        made = self.tokens(vendor)
        made = made.get("body", made)
        return {"Authorization": f"Bearer {made['access_token']}"}


def bp(at: str, systolic: int = 143, diastolic: int = 82, **more: Any) -> dict[str, Any]:
    """A blood pressure of a made-up person."""
    values = {"systolic": systolic, "diastolic": diastolic, "pulse": 76}
    return {"kind": "bp", "at": at, "values": values, "device": "cuff-1", **more}


def one(kind: str, at: str, value: float | int, **more: Any) -> dict[str, Any]:
    """Any other measurement with one number."""
    return {"kind": kind, "at": at, "values": {"value": value}, **more}


def later(clouds: Clouds, at: datetime) -> None:
    """Let the sandbox's clock stand at another time."""
    clouds.clock.at = at
