"""Standalone, by a form, without a cookie, back and again: the ways in which a launch can go."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

ISSUER = "https://ehr.example.org/fhir"


def _query(answer: Any) -> dict[str, str]:
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()
    }


def test_a_person_chooses_the_ehr_and_nothing_is_asked_before(host: Any, ehr: Any) -> None:
    page = host.browser().get("/standalone")

    assert page.status_code == 200
    assert f"/standalone?iss={'https%3A%2F%2Fehr.example.org%2Ffhir'}" in page.get_data(
        as_text=True
    )
    assert ehr.calls() == []


def test_a_standalone_launch_asks_the_ehr_for_a_patient(host: Any) -> None:
    browser = host.browser()
    asked = _query(host.follow(browser, "/standalone", iss=ISSUER))

    assert "launch" not in asked
    assert asked["scope"].split()[0] == "launch/patient"


def test_a_standalone_launch_without_a_patient_opens_nothing(host: Any, ehr: Any) -> None:
    ehr.answer = {"patient": None}
    browser = host.browser()
    sent = host.follow(browser, "/standalone", iss=ISSUER)

    answer = browser.get(ehr.approve(sent.headers["Location"]))

    assert answer.status_code == 403
    assert "did not say which patient" in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["?iss=x", f"?iss={ISSUER}&iss={ISSUER}", "?for=everything"])
def test_a_standalone_launch_that_is_not_right_is_refused(host: Any, ehr: Any, query: str) -> None:
    assert host.browser().get(f"/standalone{query}").status_code in {400, 403}
    assert ehr.calls() == []


def test_without_our_cookie_the_handle_is_not_spent_and_a_window_is_offered(
    host: Any, ehr: Any
) -> None:
    begun = host.browser().get("/launch", query_string={"iss": ISSUER, "launch": "a b&c"})

    page = host.browser().get(begun.headers["Location"])

    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "/launch?iss=https%3A%2F%2Fehr.example.org%2Ffhir&amp;launch=a+b%26c" in text
    assert 'target="_blank" rel="noopener"' in text
    assert ehr.calls() == []


def test_the_hop_works_once_and_in_the_browser_that_began(host: Any, ehr: Any) -> None:
    browser, other = host.browser(), host.browser()
    on = browser.get("/launch", query_string={"iss": ISSUER, "launch": "x"}).headers["Location"]
    cookie = next(iter(browser._cookies.values()))
    other.set_cookie(cookie.key, "made-up")

    assert other.get(on).status_code == 403
    assert browser.get(on).status_code == 303
    browser.set_cookie(cookie.key, cookie.value)
    assert browser.get(on).status_code == 400


@pytest.mark.parametrize("begun", ["", "made-up", "x" * 5000])
def test_a_hop_that_nobody_began_is_refused(host: Any, ehr: Any, begun: str) -> None:
    assert host.browser().get("/launch/continue", query_string={"begun": begun}).status_code == 400
    assert ehr.calls() == []


def test_a_long_request_is_sent_as_a_form_that_posts_itself(host: Any) -> None:
    browser = host.browser()

    page = host.launch(browser, handle="x" * 2500)

    text = page.get_data(as_text=True)
    policy = page.headers["Content-Security-Policy"]
    assert (page.status_code, 'method="post"' in text) == (200, True)
    assert f'name="launch" value="{"x" * 2500}"' in text
    assert "form-action https: https://ehr.example.org;" in policy
    assert browser.get("/post.js").mimetype == "text/javascript"
    assert "form-action 'none'" in browser.get("/launch").headers["Content-Security-Policy"]


def test_back_and_again_is_a_page_and_the_session_that_came_of_it_lives(
    host: Any, ehr: Any
) -> None:
    browser = host.browser()
    back = ehr.approve(host.launch(browser).headers["Location"])
    path = browser.get(back).headers["Location"]

    again = browser.get(back)

    assert (again.status_code, again.mimetype) == (400, "text/html")
    assert "used before" in again.get_data(as_text=True)
    assert browser.get(f"{path}api/session").status_code == 200


def test_without_redis_every_door_says_so_and_gives_nothing_away(host: Any) -> None:
    browser = host.browser()
    path = host.open(browser)
    host.redis_server.connected = False

    for address in (f"/launch?iss={ISSUER}&launch=x", "/callback?state=x", path):
        answer = browser.get(address)
        text = answer.get_data(as_text=True)
        assert (answer.status_code, answer.mimetype) == (503, "text/html")
        assert "Sessions cannot be kept right now" in text
        assert "p-1" not in text
    assert browser.get(f"{path}api/summary").status_code == 503


@pytest.mark.parametrize(
    ("profile", "sent"),
    [
        ({"auth_method": "none"}, {"client_id": "wherry-smart"}),
        (
            {"auth_method": "client_secret_post", "secret_ref": "s"},
            {"client_id": "wherry-smart", "client_secret": "made-up/client+secret"},
        ),
        ({"send_client_id_in_body": True, "client_id": "another"}, {"client_id": "another"}),
    ],
    ids=str,
)
def test_an_ehr_is_told_who_we_are_as_its_profile_says(
    with_profile: Any, ehr: Any, profile: dict[str, Any], sent: dict[str, str]
) -> None:
    host = with_profile(**profile)
    browser = host.browser()
    asked = host.launch(browser)
    forms: list[dict[str, str]] = []

    def token(request: Any) -> Any:
        forms.append({name: values[0] for name, values in parse_qs(request.body).items()})
        return 400, {}, b'{"error": "invalid_grant"}'

    ehr.web.replace("POST", "https://ehr.example.org/auth/token", body="")
    ehr.web.remove("POST", "https://ehr.example.org/auth/token")
    ehr.web.add_callback("POST", "https://ehr.example.org/auth/token", token)
    browser.get(ehr.approve(asked.headers["Location"]))

    (form,) = forms
    assert {name: form.get(name) for name in sent} == sent
    assert ("client_assertion" in form) == ("auth_method" not in profile)
