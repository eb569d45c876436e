"""Webhooks of vendors that sign: good, bad, again, with either secret; and how each is answered."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from tests.devices.harness import TEMPLATES, House
from tests.devices.test_vendors import KEY, NEW, OLD, OTHER, SIGNERS, google, keyset
from werkzeug.test import TestResponse

from wherry.codec import encode
from wherry.ports import State
from wherry_devices.app import create_app
from wherry_devices.intake.doors import door
from wherry_devices.intake.signature import VENDORS, Scheme
from wherry_devices.settings import Settings, Signed
from wherry_devices.wiring import scheme

NOTICE = {
    "data": {
        "version": "1",
        "healthUserId": "u-123",
        "operation": "UPSERT",
        "dataType": "weight",
        "intervals": [],
    }
}
BODY = encode([NOTICE])
TEST = b'{"type": "verification"}'
SAID = "Bearer made-up-for-google"
PATH = "a-made-up-path-secret-000001"
OLD_KEYS, NEW_KEYS = keyset(KEY, 7), keyset(OTHER, 9)
GOOGLE: dict[bytes, Callable[[bytes], dict[str, str]]] = {
    OLD_KEYS: lambda body: google(KEY, 7, body),
    NEW_KEYS: lambda body: google(OTHER, 9, body),
}
SECRETS = dict.fromkeys(VENDORS, (OLD, NEW)) | {"google-health": (OLD_KEYS, NEW_KEYS)}


def signed(name: str, secret: bytes, body: bytes) -> dict[str, str]:
    return GOOGLE[secret](body) if name == "google-health" else SIGNERS[name](secret, body)


def scheme_of(name: str, *secrets: bytes, said: tuple[str, ...] = ()) -> Scheme:
    return scheme(
        name,
        Signed(
            secrets=tuple(SecretStr(one.decode()) for one in secrets),
            authorization=tuple(SecretStr(one) for one in said),
        ),
    )


def client(house: House, name: str, *secrets: bytes, said: tuple[str, ...] = ()) -> FlaskClient:
    house.token = SecretStr("made-up-token")
    house.signatures = {name: scheme_of(name, *secrets, said=said)}
    return create_app(house.deps()).test_client()


def post(
    web: FlaskClient, name: str, headers: dict[str, str], body: bytes = BODY, path: str = ""
) -> TestResponse:
    return web.post(
        f"/v1/sources/{name}{path}",
        data=body,
        headers={"Content-Type": "application/json", **headers},
        environ_base={"REMOTE_ADDR": "203.0.113.9"},
    )


@pytest.mark.parametrize("name", VENDORS)
def test_b12_a_vendors_signature_lets_it_in_with_either_secret_and_any_number_of_times(
    house: House, name: str
) -> None:
    web = client(house, name, *SECRETS[name])
    accepted = (204 if name == "google-health" else 202) if name in TEMPLATES else 404

    answers = [
        post(web, name, signed(name, one, BODY)) for one in (*SECRETS[name], SECRETS[name][0])
    ]

    assert [one.status_code for one in answers] == [accepted] * 3
    told = web.get("/metrics").text
    assert f'wherry_devices_signatures_total{{source="{name}",verdict="good"}} 3.0' in told


@pytest.mark.parametrize("name", VENDORS)
def test_b12_nothing_of_a_request_with_a_bad_signature_is_kept(house: House, name: str) -> None:
    first, second = SECRETS[name]
    web = client(house, name, first)
    bad = [
        post(web, name, signed(name, second, BODY)),
        post(web, name, {}),
        post(web, name, {"Authorization": "Bearer made-up-token"}),
    ]
    if name != "tenovi":  # its key says nothing about the body
        bad.append(post(web, name, signed(name, first, BODY), BODY + b" "))

    assert {one.status_code for one in bad} == {401}
    assert {str(one.json) for one in bad} == {str(bad[0].json)}
    assert house.inbox.counts() == {}


@pytest.mark.parametrize("name", sorted(set(VENDORS) & set(TEMPLATES)))
def test_b12_a_secret_in_the_path_takes_no_signatures_place(house: House, name: str) -> None:
    house.doors = {name: door([PATH])}
    first, second = SECRETS[name]
    web = client(house, name, first)

    unsigned = post(web, name, {}, path=f"/{PATH}")
    wrong = post(web, name, signed(name, second, BODY), path=f"/{PATH}")
    good = post(web, name, signed(name, first, BODY), path=f"/{PATH}")

    assert [unsigned.status_code, wrong.status_code] == [401, 401]
    assert good.status_code in (200, 204)
    assert house.message(1).channel == "signed"


def test_google_tries_an_address_with_and_without_the_header_it_was_told_to_send(
    house: House,
) -> None:
    web = client(house, "google-health", OLD_KEYS, said=(SAID, "Basic bWFkZTp1cA=="))

    answers = [
        post(web, "google-health", headers, TEST).status_code
        for headers in (
            {"Authorization": SAID},
            {"Authorization": "Basic bWFkZTp1cA=="},
            {},
            {"Authorization": SAID + "x"},
            {"Authorization": "Bearer made-up-token"},
        )
    ]

    assert answers == [201, 201, 401, 401, 401]
    assert house.inbox.counts() == {}


def test_a_test_of_google_is_refused_while_it_is_not_settled_what_it_sends(house: House) -> None:
    web = client(house, "google-health", OLD_KEYS)

    assert post(web, "google-health", {"Authorization": SAID}, TEST).status_code == 401


def test_a_test_of_google_means_nothing_to_other_sources(house: House) -> None:
    web = client(house, "terra", OLD, said=(SAID,))

    assert post(web, "terra", {"Authorization": SAID}, TEST).status_code == 401
    assert post(web, "google-health", {"Authorization": SAID}, TEST).status_code == 401


@pytest.mark.parametrize(
    ("extra", "status"),
    [({}, 204), ({"Authorization": SAID}, 204), ({"Authorization": "Bearer another"}, 401)],
)
def test_a_notice_of_google_is_signed_and_what_it_sends_along_is_right(
    house: House, extra: dict[str, str], status: int
) -> None:
    web = client(house, "google-health", OLD_KEYS, said=(SAID,))

    answer = post(web, "google-health", signed("google-health", OLD_KEYS, BODY) | extra)

    assert (answer.status_code, len(house.inbox.counts())) == (status, status == 204)


def test_google_may_name_its_signature_as_both_of_its_pages_do(house: House) -> None:
    web = client(house, "google-health", OLD_KEYS)
    [signature] = signed("google-health", OLD_KEYS, BODY).values()

    answer = post(web, "google-health", {"GOOGLE-HEALTH-API-SIGNATURE": signature})
    house.work()

    assert (answer.status_code, answer.data) == (204, b"")
    assert house.ended(1) == (State.DONE, "")
    assert house.tally.counts() == {("google-health", "notice-to-fetch"): 1}


def test_what_google_was_told_to_send_is_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "WHERRY_DEVICES_SIGNATURES",
        encode(
            {"google-health": {"secrets": [OLD_KEYS.decode()], "authorization": [SAID]}}
        ).decode(),
    )

    settings = Settings()
    made = scheme("google-health", settings.signatures["google-health"])

    assert made.authorization == (SAID.encode(),)
    assert "made-up-for-google" not in repr(settings) + repr(made)
