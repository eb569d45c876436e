"""The authorization endpoint. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from typing import Any

import pytest
from tests.ehr.auth.driver import SCOPE, VERIFIER, challenge, query

CALLBACK = "http://127.0.0.1:8105/callback"


def _error(answer: Any) -> str | None:
    """The error that the app is told, or None when it was not called."""
    if answer.status_code != 303 or not answer.location.startswith(f"{CALLBACK}?"):
        return None
    found = query(answer.location)
    assert "code" not in found
    return found["error"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_good_request_ends_with_a_code_at_the_app(smart: Any, method: str) -> None:
    """R48, R49, R53, R56, R57; RFC 9207 (iss)."""
    sent = {"query_string" if method == "GET" else "data": smart.asked()}

    answer = smart.client.open("/auth/authorize", method=method, **sent)

    found = query(answer.location)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{CALLBACK}?")
    assert (found["state"], found["iss"]) == ("state-1", "http://localhost/fhir")
    assert len(found["code"]) >= 43
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("state", ["a b+c&d=e%41/?#", "ä€", "x" * 2048, '"<>\\'])
@pytest.mark.parametrize("good", [True, False])
def test_the_state_comes_back_as_it_was_sent(smart: Any, state: str, good: bool) -> None:
    """R59, with a code and with an error."""
    answer = smart.authorize(state=state, **({} if good else {"aud": "x"}))

    assert query(answer.location)["state"] == state


def test_an_address_with_a_query_keeps_it(smart: Any) -> None:
    address = "http://127.0.0.1:8105/other?a=b"

    assert smart.authorize(redirect_uri=address).location.startswith(f"{address}&code=")


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": ""},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}?x=1"},
        {"redirect_uri": f"{CALLBACK}#x"},
        {"redirect_uri": CALLBACK.replace("callback", "Callback")},
        {"redirect_uri": CALLBACK.replace("127.0.0.1", "localhost")},
        {"redirect_uri": "http://127.0.0.1:8205/callback"},  # of the other app
        {"redirect_uri": "javascript:alert(1)"},
    ],
)
def test_nobody_is_redirected_before_app_and_address_are_known(
    smart: Any, changes: dict[str, Any]
) -> None:
    """R18, R34; RFC 6749, 4.1.2.1."""
    for more in ({}, {"response_type": "token"}, {"scope": None}):
        answer = smart.authorize(**changes, **more)

        assert (answer.status_code, answer.mimetype) == (400, "text/html")
        assert "Location" not in answer.headers


def test_the_error_page_repeats_nothing_that_was_sent(smart: Any) -> None:
    evil = "<script>alert(1)</script>"

    answer = smart.authorize(client_id=evil, redirect_uri=evil, state=evil)

    assert evil not in answer.get_data(as_text=True)
    assert "alert" not in answer.get_data(as_text=True)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_type": 'x"y'}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"state": "x" * 2049}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "launch"}, "invalid_scope"),
        ({"scope": "launch patient/Observation.cud"}, "invalid_scope"),
        ({"scope": "launch patient/Observation.sr"}, "invalid_scope"),
        ({"scope": "launch user/Medication.rs system/*.rs"}, "invalid_scope"),
        ({"scope": "openid patient/Patient.rs"}, "invalid_scope"),
        ({"aud": None}, "invalid_request"),
        ({"aud": "http://evil.example/fhir"}, "invalid_request"),
        ({"aud": "http://localhost/fhir/"}, "invalid_request"),
        ({"aud": "http://localhost/FHIR"}, "invalid_request"),
        ({"aud": "http://localhost:80/fhir"}, "invalid_request"),
        ({"aud": "https://localhost/fhir"}, "invalid_request"),
        ({"launch": None}, "invalid_request"),
        ({"launch": "made-up"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "=" * 43}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    ],
)
def test_a_bad_request_is_told_to_the_app(smart: Any, changes: dict[str, Any], error: str) -> None:
    """R14, R15, R31, R32 to R45, R54, R96, R129, R164, R165."""
    assert _error(smart.authorize(**changes)) == error


@pytest.mark.parametrize(
    "name", ["response_type", "scope", "state", "aud", "launch", "code_challenge", "nonce"]
)
def test_a_parameter_that_is_sent_twice_is_refused(smart: Any, name: str) -> None:
    """RFC 6749, 3.1."""
    asked = smart.asked()
    pairs = [*asked.items(), (name, asked[name])]

    answer = smart.client.get("/auth/authorize", query_string=[*pairs])

    assert _error(answer) == "invalid_request"


def test_a_form_takes_no_parameters_from_the_address(smart: Any) -> None:
    asked = smart.asked()
    path = f"/auth/authorize?redirect_uri={CALLBACK}"

    answers = [
        smart.client.post(path, data=asked),
        smart.client.post("/auth/authorize", json=asked),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


def test_a_launch_handle_works_once(smart: Any) -> None:
    """R35: the launch is the one that the EHR started."""
    handle = smart.handle()

    first, second = (smart.authorize(launch=handle) for _ in range(2))

    assert "code" in query(first.location)
    assert _error(second) == "invalid_request"


def test_a_refused_request_does_not_use_the_handle_up(smart: Any) -> None:
    handle = smart.handle()

    refused, taken = smart.authorize(launch=handle, aud="x"), smart.authorize(launch=handle)

    assert _error(refused) == "invalid_request"
    assert "code" in query(taken.location)


def test_a_launch_handle_ends_after_five_minutes(smart: Any) -> None:
    handle = smart.handle()
    smart.clock.go(minutes=5)

    assert _error(smart.authorize(launch=handle)) == "invalid_request"


def test_a_launch_handle_of_another_app_is_refused(smart: Any) -> None:
    assert _error(smart.authorize(launch=smart.handle(client="second"))) == "invalid_request"


def test_a_launch_handle_works_only_in_the_session_that_made_it(smart: Any) -> None:
    """A handle that was stolen is worth nothing in another browser, signed in or not."""
    asked = smart.asked()
    stranger, colleague = (smart.client.application.test_client() for _ in range(2))
    smart.sign_in(colleague)

    errors = [
        _error(browser.get("/auth/authorize", query_string=asked))
        for browser in (stranger, colleague)
    ]

    assert errors == ["access_denied", "invalid_request"]
    assert "code" in query(smart.client.get("/auth/authorize", query_string=asked).location)


def test_after_signing_out_nothing_is_granted(smart: Any) -> None:
    asked = smart.asked()
    smart.client.post("/chart/_session/end")

    answer = smart.client.get("/auth/authorize", query_string=asked)

    assert _error(answer) == "access_denied"


def test_an_unregistered_scope_is_left_out_and_the_rest_granted(smart: Any) -> None:
    """R78, R79, R129, R145: the granted scope is said, and may be less than was asked for."""
    scope = f"{SCOPE} patient/Condition.rs patient/Encounter.cruds offline_access made-up"

    granted = smart.exchange(smart.code(scope=scope)).get_json()["scope"]

    assert granted == f"{SCOPE} patient/Encounter.rs"


def test_challenges_are_sha_256_of_the_verifier() -> None:
    """RFC 7636, appendix B: the test's own helper computes what the standard shows."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
