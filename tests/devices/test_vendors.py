"""Each vendor's signature over the raw bytes, with two secrets, and nothing else."""

import base64
import hmac
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr
from tests.devices.harness import NOW

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_devices.intake.signature import GOOD, MISSING, STALE, VENDORS, WRONG, Scheme, verdict
from wherry_devices.settings import Signed
from wherry_devices.wiring import scheme

BODY = b'{"synthetic": true}'
AT = str(int(NOW.timestamp()))
OLD, NEW = b"old-made-up-secret", b"new-made-up-secret"
KEY = ec.derive_private_key(20260301, ec.SECP256R1())
OTHER = ec.derive_private_key(20260302, ec.SECP256R1())
Headers = dict[str, str]


def mac(secret: bytes, signed: bytes) -> bytes:
    return hmac.digest(secret, signed, "sha256")


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def terra(secret: bytes, body: bytes, at: str = AT) -> Headers:
    return {"terra-signature": f"t={at},v1={mac(secret, at.encode() + b'.' + body).hex()}"}


def junction(secret: bytes, body: bytes, at: str = AT) -> Headers:
    signature = b64(mac(secret, b"msg_1." + at.encode() + b"." + body))
    return {
        "svix-id": "msg_1",
        "svix-timestamp": at,
        "svix-signature": f"v1,{b64(b'x' * 32)} v1,{signature}",
    }


def oura(secret: bytes, body: bytes, at: str = AT) -> Headers:
    signature = mac(secret, at.encode() + body).hex().upper()
    return {"x-oura-signature": signature, "x-oura-timestamp": at}


def whoop(secret: bytes, body: bytes, at: str = AT) -> Headers:
    signature = b64(mac(secret, f"{at}000".encode() + body))
    return {"X-WHOOP-Signature": signature, "X-WHOOP-Signature-Timestamp": f"{at}000"}


def polar(secret: bytes, body: bytes, at: str = AT) -> Headers:
    del at
    return {"Polar-Webhook-Signature": mac(secret, body).hex()}


def suunto(secret: bytes, body: bytes, at: str = AT) -> Headers:
    del at
    return {"X-HMAC-SHA256-Signature": mac(secret, body).hex()}


def tenovi(secret: bytes, body: bytes, at: str = AT) -> Headers:
    del body, at
    return {"Authorization": f"Api-Key {secret.decode()}"}


SIGNERS: dict[str, Callable[..., Headers]] = {
    "terra": terra,
    "junction": junction,
    "oura": oura,
    "whoop": whoop,
    "polar": polar,
    "suunto": suunto,
    "tenovi": tenovi,
}
IN_TIME = ["terra", "junction", "oura", "whoop"]
OVER_THE_BODY = [name for name in SIGNERS if name != "tenovi"]


def of(name: str, *secrets: bytes) -> Scheme:
    return scheme(name, Signed(secrets=tuple(SecretStr(one.decode()) for one in secrets)))


def test_every_vendor_that_signs_is_tried() -> None:
    assert {*SIGNERS, "google-health"} == set(VENDORS)


@pytest.mark.parametrize("name", SIGNERS)
def test_either_of_two_secrets_is_good_and_no_other(name: str) -> None:
    both = of(name, OLD, NEW)

    found = [
        verdict(both, SIGNERS[name](secret, BODY), BODY, now=NOW)
        for secret in (OLD, NEW, b"somebody-else")
    ]

    assert found == [GOOD, GOOD, WRONG]
    assert verdict(both, {}, BODY, now=NOW) == MISSING


@pytest.mark.parametrize("name", OVER_THE_BODY)
def test_one_byte_more_is_another_body(name: str) -> None:
    assert verdict(of(name, OLD), SIGNERS[name](OLD, BODY), BODY + b" ", now=NOW) == WRONG


@pytest.mark.parametrize("name", IN_TIME)
@pytest.mark.parametrize(("seconds", "found"), [(-301, STALE), (-300, GOOD), (301, STALE)])
def test_a_request_of_another_time_is_stale(name: str, seconds: int, found: str) -> None:
    headers = SIGNERS[name](OLD, BODY, str(int(AT) + seconds))

    assert verdict(of(name, OLD), headers, BODY, now=NOW) == found


def test_a_wrapped_secret_of_junction_is_opened() -> None:
    wrapped = b"whsec_" + b64(OLD).encode()

    assert verdict(of("junction", wrapped), junction(OLD, BODY), BODY, now=NOW) == GOOD


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        ("terra", {"terra-signature": "v1=00"}),
        ("terra", {"terra-signature": "t=soon,v1=00"}),
        ("terra", {"terra-signature": f"t={AT}"}),
        ("junction", {"svix-id": "m", "svix-timestamp": AT, "svix-signature": "v2,xx"}),
        ("junction", {"svix-timestamp": AT, "svix-signature": "v1,eHg="}),
        ("tenovi", {"Authorization": "Bearer old-made-up-secret"}),
        ("polar", {"Polar-Webhook-Signature": "no hex"}),
    ],
)
def test_half_a_signature_is_none(name: str, headers: Headers) -> None:
    assert verdict(of(name, OLD), headers, BODY, now=NOW) == MISSING


def keyset(key: ec.EllipticCurvePrivateKey, id_: int, status: str = "ENABLED") -> bytes:
    numbers = key.public_key().public_numbers()
    x, y = (one.to_bytes(33, "big") for one in (numbers.x, numbers.y))
    params = b"\x12\x06\x08\x03\x10\x02\x18\x02"
    message = params + b"\x1a\x21" + x + b"\x22\x21" + y
    data = {
        "typeUrl": "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
        "value": b64(message),
        "keyMaterialType": "ASYMMETRIC_PUBLIC",
    }
    one = {"keyData": data, "status": status, "keyId": id_, "outputPrefixType": "TINK"}
    return encode({"primaryKeyId": id_, "key": [one]})


def google(key: ec.EllipticCurvePrivateKey, id_: int, body: bytes = BODY) -> Headers:
    signature = key.sign(body, ec.ECDSA(hashes.SHA256()))
    return {"X-HEALTHAPI-SIGNATURE": b64(b"\x01" + id_.to_bytes(4, "big") + signature)}


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (google(KEY, 7), GOOD),
        (google(OTHER, 9), GOOD),
        (google(OTHER, 7), WRONG),
        (google(KEY, 8), WRONG),
        (google(KEY, 7, BODY + b" "), WRONG),
        ({"X-HEALTHAPI-SIGNATURE": "AQ=="}, WRONG),
        ({"X-HEALTHAPI-SIGNATURE": "no base64"}, WRONG),
        ({}, MISSING),
    ],
)
def test_google_signs_with_one_of_the_keys_of_a_keyset(headers: Headers, found: str) -> None:
    both = of("google-health", keyset(KEY, 7), keyset(OTHER, 9))

    assert verdict(both, headers, BODY, now=NOW) == found


@pytest.mark.parametrize(
    "secret",
    [b"no json", b'{"key": []}', b'{"key": [{}]}', keyset(KEY, 7, "DISABLED"),
     keyset(KEY, 7).replace(b'"value":"', b'"value":"AAAA')],
)  # fmt: skip
def test_a_keyset_that_is_none_stops_the_start(secret: bytes) -> None:
    with pytest.raises(Failure) as caught:
        of("google-health", secret)

    assert caught.value.kind is Kind.INVALID
