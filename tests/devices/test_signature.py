"""Signatures are checked over the raw bytes, with two secrets, inside a window of time."""

import base64
import hmac
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from tests.devices.harness import NOW, House, getmeas, group, measure
from werkzeug.test import TestResponse

from wherry.codec import encode
from wherry_devices.app import create_app
from wherry_devices.intake.signature import GOOD, MISSING, STALE, WRONG, Scheme, verdict
from wherry_devices.settings import Settings
from wherry_devices.wiring import scheme as scheme_of

OLD, NEW = b"old-made-up-secret", b"new-made-up-secret"
SCHEME = Scheme((OLD, NEW))
BODY = encode(getmeas(group(1, measure(11, 70))))
AT = str(int(NOW.timestamp()))


def signed(secret: bytes = OLD, at: str = AT, body: bytes = BODY) -> dict[str, str]:
    mac = hmac.digest(secret, at.encode() + b"." + body, "sha256")
    return {"X-Wherry-Signature": mac.hex(), "X-Wherry-Timestamp": at}


@pytest.mark.parametrize(
    ("headers", "body", "found"),
    [
        (signed(OLD), BODY, GOOD),
        (signed(NEW), BODY, GOOD),
        (signed(b"somebody-else"), BODY, WRONG),
        (signed(), BODY + b" ", WRONG),
        (signed() | {"X-Wherry-Timestamp": str(int(AT) + 1)}, BODY, WRONG),
        (signed(at=str(int(AT) - 300)), BODY, GOOD),
        (signed(at=str(int(AT) + 300)), BODY, GOOD),
        (signed(at=str(int(AT) - 301)), BODY, STALE),
        (signed(at=str(int(AT) + 301)), BODY, STALE),
        ({}, BODY, MISSING),
        ({"X-Wherry-Timestamp": AT}, BODY, MISSING),
        (signed() | {"X-Wherry-Timestamp": "soon"}, BODY, MISSING),
        (signed() | {"X-Wherry-Signature": "zz"}, BODY, MISSING),
        (signed() | {"X-Wherry-Signature": "é"}, BODY, MISSING),
        (signed() | {"X-Wherry-Signature": signed()["X-Wherry-Signature"][:-2]}, BODY, WRONG),
    ],
)
def test_a_signature_is_judged(headers: dict[str, str], body: bytes, found: str) -> None:
    assert verdict(SCHEME, headers, body, now=NOW) == found


def test_other_names_encodings_and_units_are_settings() -> None:
    vendor = Scheme(
        (OLD,), header="X-Sig", prefix="v1=", encoding="base64", timestamp_header="X-At",
        timestamp_unit="ms", joint="",
    )  # fmt: skip
    at = f"{AT}000"
    mac = hmac.digest(OLD, at.encode() + BODY, "sha256")
    headers = {"X-Sig": "v1=" + base64.b64encode(mac).decode(), "X-At": at}

    assert verdict(vendor, headers, BODY, now=NOW) == GOOD
    assert verdict(vendor, headers, BODY, now=NOW + timedelta(seconds=301)) == STALE
    assert verdict(vendor, headers | {"X-Sig": mac.hex()}, BODY, now=NOW) == MISSING


def post(client: FlaskClient, headers: dict[str, str], body: bytes = BODY) -> TestResponse:
    return client.post(
        "/v1/sources/withings",
        data=body,
        headers={"Content-Type": "application/json", **headers},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )


def test_a_signature_takes_the_place_of_the_token(house: House) -> None:
    house.signatures, house.token = {"withings": SCHEME}, SecretStr("made-up-token")
    client = create_app(house.deps()).test_client()

    answer = post(client, signed())

    assert answer.status_code == 202
    assert house.message(1).channel == "signed"
    assert house.message(1).body == BODY


def test_a_bad_signature_is_counted_and_nothing_is_kept(house: House) -> None:
    house.signatures, house.token = {"withings": SCHEME}, SecretStr("made-up-token")
    client = create_app(house.deps()).test_client()

    answers = [
        post(client, signed(), BODY + b" "),
        post(client, signed(at=str(int(AT) - 900))),
        post(client, {"Authorization": "Bearer made-up-token"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]
    assert house.inbox.counts() == {}
    told = client.get("/metrics").text
    for word in (WRONG, STALE, MISSING):
        line = f'wherry_devices_signatures_total{{source="withings",verdict="{word}"}} 1.0'
        assert line in told


def test_the_same_request_again_changes_nothing(house: House) -> None:
    house.signatures = {"withings": SCHEME}
    house.bind("cuff-1")
    client = create_app(house.deps()).test_client()
    post(client, signed())
    house.work()
    before = {key: len(kept) for key, kept in house.fhir.versions.items()}

    post(client, signed())
    house.work()

    assert {key: len(kept) for key, kept in house.fhir.versions.items()} == before


def test_secrets_come_from_the_environment_and_are_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(
        "WHERRY_DEVICES_SIGNATURES", '{"hub": {"secrets": ["s-1", "s-2"], "encoding": "base64"}}'
    )

    settings = Settings()
    made = scheme_of("hub", settings.signatures["hub"])

    assert made == replace(Scheme((b"s-1", b"s-2")), encoding="base64")
    assert "s-1" not in repr(settings) + repr(made)
