"""GET /callback: state once and in one browser, then the code, then who it is."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey

ISSUER = "https://ehr.example.org/fhir"
NOW_S = 1_772_366_400  # 2026-03-01 12:00 UTC, when these tests play
TOKEN = "https://ehr.example.org/auth/token"


def _refused(answer: Any, status: int) -> str:
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert not [c for c in answer.headers.getlist("Set-Cookie") if "wherry_session" in c]
    return str(answer.get_data(as_text=True))


def test_a_good_launch_ends_in_a_session_of_its_own_at_a_clean_address(host: Any, ehr: Any) -> None:
    browser = host.browser()

    returned = host.come_back(browser)

    path = returned.headers["Location"]
    cookies = returned.headers.getlist("Set-Cookie")
    assert (returned.status_code, ehr.problems) == (303, [])
    assert path.startswith("/app/")
    assert len(path.split("/")[2]) >= 22
    assert "?" not in path
    assert [c.split("=")[0].split("_")[1] for c in cookies] == ["launch", "session"]
    assert f"Path={path[:-1]};" in f"{cookies[1]};"
    assert "HttpOnly" in cookies[1]
    assert browser.get(path).status_code == 200


def test_a_state_works_once(host: Any, ehr: Any) -> None:
    browser = host.browser()
    back = ehr.approve(host.launch(browser).headers["Location"])
    assert browser.get(back).status_code == 303
    asked = len(ehr.calls())

    text = _refused(browser.get(back), 400)

    assert "used before" in text
    assert len(ehr.calls()) == asked


def test_a_state_of_nobody_is_refused_without_a_call(host: Any, ehr: Any) -> None:
    _refused(host.browser().get("/callback?state=made-up&code=c"), 400)

    assert ehr.calls() == []


def test_a_state_works_only_in_the_browser_that_began(host: Any, ehr: Any) -> None:
    back = ehr.approve(host.launch(host.browser()).headers["Location"])

    text = _refused(host.browser().get(back), 403)

    assert "another browser" in text
    assert TOKEN not in ehr.calls()


def test_a_launch_that_took_too_long_is_over(host: Any, ehr: Any, clock: Any) -> None:
    browser = host.browser()
    back = ehr.approve(host.launch(browser).headers["Location"])
    clock.pass_(minutes=10)

    _refused(browser.get(back), 400)

    assert TOKEN not in ehr.calls()


@pytest.mark.parametrize(
    ("more", "names_issuer"),
    [("&iss=https://evil.example", False), ("&iss=", False), ("", True), ("&iss=x&iss=y", True)],
)
def test_an_answer_of_another_authorization_server_is_not_used(
    host: Any, ehr: Any, more: str, names_issuer: bool
) -> None:
    ehr.configuration["authorization_response_iss_parameter_supported"] = names_issuer
    browser = host.browser()
    back = ehr.approve(host.launch(browser).headers["Location"])

    _refused(browser.get(back + more), 403)

    assert TOKEN not in ehr.calls()


def test_the_issuer_of_rfc_9207_is_taken_when_it_is_right(host: Any, ehr: Any) -> None:
    ehr.configuration["authorization_response_iss_parameter_supported"] = True
    browser = host.browser()
    back = ehr.approve(host.launch(browser).headers["Location"])

    assert browser.get(f"{back}&iss={ISSUER}").status_code == 303


@pytest.mark.parametrize(
    ("error", "said"),
    [("access_denied", "Access was not granted"), ("<b>x</b>", "The EHR did not allow the launch")],
)
def test_an_error_of_the_ehr_is_said_in_our_own_words(
    host: Any, ehr: Any, error: str, said: str
) -> None:
    browser = host.browser()
    state = parse_qs(urlsplit(host.launch(browser).headers["Location"]).query)["state"][0]

    text = _refused(browser.get("/callback", query_string={"error": error, "state": state}), 403)

    assert said in text
    assert "<b>" not in text


@pytest.mark.parametrize("status", [400, 401, 500, 302])
def test_a_token_endpoint_that_says_no_gives_no_session(host: Any, ehr: Any, status: int) -> None:
    ehr.token_status = status

    answer = host.come_back(host.browser())

    _refused(answer, 503 if status == 500 else 403)
    assert list(host.redis.scan_iter()) == []


@pytest.mark.parametrize("body", [requests.ConnectionError(), b"<html>", b"[]"])
def test_a_token_endpoint_that_does_not_answer_gives_no_session(
    host: Any, ehr: Any, body: Any
) -> None:
    ehr.web.replace("POST", TOKEN, body=body)

    _refused(host.come_back(host.browser()), 503)


@pytest.mark.parametrize(
    "answer",
    [
        {"access_token": None},
        {"access_token": "a\nb"},
        {"token_type": "mac"},
        {"patient": None},
        {"patient": "../Patient/other"},
        {"patient": 7},
        {"id_token": None},
        {"id_token": "x"},
    ],
)
def test_a_token_response_that_lacks_a_part_gives_no_session(
    host: Any, ehr: Any, answer: dict[str, Any]
) -> None:
    ehr.answer = answer

    _refused(host.come_back(host.browser()), 403)

    assert list(host.redis.scan_iter()) == []


def test_an_ehr_may_write_some_things_in_its_own_way(host: Any, ehr: Any) -> None:
    ehr.answer = {"token_type": "bearer", "expires_in": "570", "need_patient_banner": "false"}
    browser = host.browser()

    path = host.open(browser)

    assert browser.get(f"{path}api/summary").status_code == 200
    about = browser.get(f"{path}api/session").json
    assert (about["banner"], about["expires_at"]) == (False, "2026-03-01T12:09:30+00:00")


def _hs256(claims: dict[str, Any]) -> str:
    return jwt.encode(
        {"alg": "HS256", "kid": "ehr-1"},
        claims,
        OctKey.import_key("a-shared-secret-that-nobody-agreed-on"),
        algorithms=["HS256"],
    )


def _unsigned(claims: dict[str, Any]) -> str:
    parts = [json.dumps(each) for each in ({"alg": "none", "kid": "ehr-1"}, claims)]
    return ".".join(base64.urlsafe_b64encode(p.encode()).decode().rstrip("=") for p in parts) + "."


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "another-app"}, "it is for another app"),
        ({"aud": ["another-app"]}, "it is for another app"),
        ({"aud": ["wherry-smart", "another-app"]}, "it is for several apps"),
        ({"azp": "another-app"}, "it was given to another app"),
        ({"nonce": "of-another-launch"}, "it is of another launch"),
        ({"nonce": None}, "it is of another launch"),
        ({"iss": "https://evil.example"}, "another issuer signed it"),
        ({"iss": None}, "another issuer signed it"),
        ({"exp": NOW_S - 61}, "it has expired"),
        ({"exp": None}, "it has expired"),
        ({"exp": "soon"}, "it has expired"),
        ({"iat": NOW_S - 3600}, "it was not issued just now"),
        ({"iat": NOW_S + 3600}, "it was not issued just now"),
        ({"iat": None}, "it was not issued just now"),
        ({"nbf": NOW_S + 3600}, "it is not valid yet"),
        ({"sub": ""}, "it does not name a person"),
        ({"sub": None}, "it does not name a person"),
        ({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}, "it belongs to another access token"),
    ],
    ids=str,
)
def test_an_id_token_about_something_else_gives_no_session(
    host: Any, ehr: Any, claims: dict[str, Any], reason: str
) -> None:
    ehr.claims = claims

    text = _refused(host.come_back(host.browser()), 403)

    assert f"The EHR&#39;s id_token cannot be accepted: {reason}." in text
    assert list(host.redis.scan_iter()) == []


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("foreign", "its signature does not hold"),
        ("embedded", "its signature does not hold"),
        ("none", "its algorithm is not allowed"),
        ("hs256", "its algorithm is not allowed"),
        ("no kid", "it does not name its key"),
        ("unknown kid", "its key is not among"),
    ],
)
def test_an_id_token_that_the_ehr_did_not_sign_gives_no_session(
    host: Any, ehr: Any, sign: Any, foreign_key: Any, *, how: str, reason: str
) -> None:
    public = foreign_key.as_dict(private=False)
    ehr.sign = {
        "foreign": lambda claims: sign(claims, foreign_key),
        "none": _unsigned,
        "hs256": _hs256,
        "embedded": lambda claims: sign(claims, foreign_key, jwk=public),
        "no kid": lambda claims: sign(claims, kid=None),
        "unknown kid": lambda claims: sign(claims, kid="ehr-2"),
    }[how]

    text = _refused(host.come_back(host.browser()), 403)

    assert reason in text
    assert list(host.redis.scan_iter()) == []


def test_two_launches_side_by_side_stay_apart(host: Any, ehr: Any) -> None:
    browser = host.browser()
    one = host.launch(browser, handle="one").headers["Location"]
    two = host.launch(browser, handle="two").headers["Location"]

    ehr.patient = "p-2"
    path_two = browser.get(ehr.approve(two)).headers["Location"]
    ehr.patient = "p-1"
    path_one = browser.get(ehr.approve(one)).headers["Location"]

    shown = [browser.get(f"{path}api/summary").json["patient_id"] for path in (path_one, path_two)]
    assert shown == ["p-1", "p-2"]


def test_the_cookie_of_one_session_does_not_open_another(host: Any) -> None:
    one, two = host.browser(), host.browser()
    path_one, path_two = host.open(one), host.open(two)
    secret = one.get_cookie("wherry_session", path=path_one[:-1])
    two.set_cookie("wherry_session", secret.value, path=path_two[:-1])

    assert two.get(f"{path_two}api/summary").status_code == 401
    assert one.get(f"{path_one}api/summary").status_code == 200
