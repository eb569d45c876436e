"""The sandbox of clouds answers as the vendors document, and only on this machine."""

from datetime import timedelta

import pytest
import requests
from flask import Flask, request
from pydantic import ValidationError
from tests.devices.harness import NOW
from tests.devices.listening import listening
from tests.devices.sandboxed import BACK, CONSENT, Clouds, bp, one
from werkzeug.test import TestResponse

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry_devices.sandbox.app import create_app
from wherry_devices.sandbox.grants import CLIENT_ID
from wherry_devices.sandbox.settings import Settings
from wherry_devices.sandbox.wiring import wire

MORNING = "2026-03-01T08:00:00+01:00"


@pytest.fixture
def clouds() -> Clouds:
    return Clouds()


def getmeas(clouds: Clouds, headers: dict[str, str], **form: object) -> TestResponse:
    return clouds.web.post("/withings/measure", data={"action": "getmeas", **form}, headers=headers)


def test_it_refuses_to_run_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERRY_PRODUCTION", "true")

    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("path", ["/sandbox/people", "/dexcom/v3/users/self/egvs"])
def test_it_answers_this_machine_alone(clouds: Clouds, path: str) -> None:
    assert clouds.web.get(path, environ_base={"REMOTE_ADDR": "10.0.0.5"}).status_code == 403


@pytest.mark.parametrize("vendor", CONSENT)
def test_people_are_sent_back_to_this_machine_alone(clouds: Clouds, vendor: str) -> None:
    clouds.person(vendor)
    asked = {"response_type": "code", "client_id": CLIENT_ID}

    for address in ("https://evil.example/", "http://127.0.0.1.evil.example/", "//evil.example"):
        answer = clouds.web.get(CONSENT[vendor], query_string={**asked, "redirect_uri": address})
        assert answer.status_code == 400


def test_of_several_people_one_is_chosen_on_a_page(clouds: Clouds) -> None:
    clouds.person("dexcom", "ann")
    clouds.person("dexcom", "bob")
    asked = {"response_type": "code", "client_id": CLIENT_ID, "redirect_uri": BACK}

    page = clouds.web.get(CONSENT["dexcom"], query_string=asked)
    answer = clouds.web.get(CONSENT["dexcom"], query_string={**asked, "person": "bob"})

    assert page.status_code == 200
    assert "person=ann" in page.text
    assert answer.status_code == 302


@pytest.mark.parametrize("vendor", ["dexcom", "omron", "google-health"])
def test_codes_and_rotated_refresh_tokens_work_once(clouds: Clouds, vendor: str) -> None:
    clouds.person(vendor)
    code = {"grant_type": "authorization_code", "code": clouds.code(vendor)}

    first = clouds.tokens(vendor, **code)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second, third = clouds.tokens(vendor, **refresh), clouds.tokens(vendor, **refresh)

    assert clouds.tokens(vendor, **code) == {"error": "invalid_grant"}
    assert second["access_token"] != first["access_token"]
    if vendor == "google-health":  # its refresh tokens stay
        assert "refresh_token" not in second
        assert "access_token" in third
    else:
        assert second["refresh_token"] != first["refresh_token"]
        assert third == {"error": "invalid_grant"}


def test_withings_says_no_with_200_and_a_status(clouds: Clouds) -> None:
    clouds.person("withings")
    made = clouds.tokens("withings")["body"]
    refresh = {"grant_type": "refresh_token", "refresh_token": made["refresh_token"]}

    assert made["userid"] == "made-up-1"
    assert clouds.tokens("withings", **refresh)["status"] == 0
    assert clouds.tokens("withings", **refresh)["status"] == 503
    assert getmeas(clouds, {"Authorization": "Bearer nobody"}).json["status"] == 401  # type: ignore[index]


def test_a_verifier_has_to_fit_its_challenge(clouds: Clouds) -> None:
    clouds.person("dexcom")
    made = {
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636, appendix B
        "code_challenge_method": "S256",
    }
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    form = {"grant_type": "authorization_code"}

    good = clouds.tokens(
        "dexcom", **form, code=clouds.code("dexcom", **made), code_verifier=verifier
    )
    bad = clouds.tokens("dexcom", **form, code=clouds.code("dexcom", **made), code_verifier="x")

    assert "access_token" in good
    assert bad == {"error": "invalid_grant"}


def test_an_access_token_ends_and_a_revoked_consent_too(clouds: Clouds) -> None:
    clouds.person("dexcom")
    made = clouds.tokens("dexcom")
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    path = "/dexcom/v3/users/self/dataRange"

    assert clouds.web.get(path, headers=headers).status_code == 200
    clouds.clock.at = NOW + timedelta(seconds=made["expires_in"])
    assert clouds.web.get(path, headers=headers).status_code == 401
    clouds.post("/people/dexcom/made-up-1/revoke", {})
    refresh = {"grant_type": "refresh_token", "refresh_token": made["refresh_token"]}
    assert clouds.tokens("dexcom", **refresh) == {"error": "invalid_grant"}


@pytest.mark.parametrize(
    ("kind", "value", "status"), [("throttle", 7, 429), ("error", 502, 502), ("malformed", 0, 200)]
)
def test_faults_happen_as_often_as_asked_for_and_after_as_many_good_answers(
    clouds: Clouds, kind: str, value: int, status: int
) -> None:
    clouds.person("withings")
    headers = clouds.bearer("withings")
    clouds.fault("withings", kind, value=value, skip=1)
    clouds.fault("dexcom", "error")

    answers = [getmeas(clouds, headers) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, status, 200]
    assert answers[1].headers.get("Retry-After") == ("7" if kind == "throttle" else None)
    assert answers[1].data != answers[0].data


def test_slow_answers_refused_refreshes_and_pages_that_overlap(clouds: Clouds) -> None:
    clouds = Clouds(page_size=2)
    clouds.person("withings")
    clouds.measure("withings", *(bp(MORNING, 120 + number, 80) for number in range(3)))
    made = clouds.tokens("withings")["body"]
    headers = {"Authorization": f"Bearer {made['access_token']}"}
    clouds.fault("withings", "slow", value=3)
    clouds.fault("withings", "duplicate")
    clouds.fault("withings", "refuse_refresh", part="tokens")

    first = decode(getmeas(clouds, headers).data)["body"]
    refresh = {"grant_type": "refresh_token", "refresh_token": made["refresh_token"]}

    assert (clouds.slept, first["offset"]) == ([3.0], 1)
    assert [clouds.tokens("withings", **refresh)["status"] for _ in range(2)] == [503, 0]


def test_over_a_socket_a_connection_is_cut_and_notices_go_to_this_machine_alone() -> None:
    real, hook = wire(), Flask("hook")
    heard: list[bytes] = []

    @hook.post("/hook")
    def hear() -> str:
        heard.append(request.get_data())
        return ""

    with listening(create_app(real)) as at, listening(hook) as there, session() as http:
        made = {"vendor": "omron", "account": "a", "callbacks": [f"{there}/hook"]}
        assert http.post(f"{at}/sandbox/people", data=encode(made)).status_code == 201
        path = f"{at}/sandbox/people/omron/a/readings"
        told = http.post(path, data=encode({"readings": [bp(MORNING)]}))
        plan = {"vendor": "omron", "kind": "drop"}
        http.post(f"{at}/sandbox/faults", data=encode(plan))
        with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
            http.post(f"{at}/omron/prd/api/measurement", data={"since": "2026-03-01"})

    assert (told.json()["told"], len(heard)) == ([200], 1)
    assert real.send("http://192.0.2.1/hook", b"x", {}) == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/people", {"vendor": "nobody", "account": "a"}),
        ("/people", {"vendor": "dexcom", "account": "../a"}),
        ("/people/dexcom/made-up-1/readings", {"readings": [bp(MORNING)]}),
        ("/people/dexcom/made-up-1/readings", {"readings": []}),
        (
            "/people/dexcom/made-up-1/readings",
            {"readings": [one("glucose", "2026-03-01T08:00:00", 1)]},
        ),
        ("/faults", {"vendor": "dexcom", "kind": "fire"}),
        ("/faults", {"vendor": "dexcom", "kind": "slow", "value": 9999}),
    ],
)
def test_what_makes_no_sense_is_refused(clouds: Clouds, path: str, body: dict[str, object]) -> None:
    clouds.person("dexcom")

    assert clouds.post(path, body).status_code == 400
