"""GET /launch: the list first, then discovery, then the browser is sent to the right EHR."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

ISSUER = "https://ehr.example.org/fhir"


def test_a_good_launch_sends_the_browser_to_the_ehr_with_all_that_smart_asks_for(
    host: Any, ehr: Any
) -> None:
    answer = host.launch(host.browser(), handle="a b/ö&c")

    address = urlsplit(answer.headers["Location"])
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert answer.status_code == 303
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER[:-5]}/auth/authorize"
    assert len(asked["state"]) >= 43
    assert len(asked["nonce"]) >= 43
    assert len(asked["code_challenge"]) == 43
    del asked["state"], asked["nonce"], asked["code_challenge"]
    assert asked == {
        "response_type": "code",
        "client_id": "wherry-smart",
        "redirect_uri": "http://127.0.0.1:8105/callback",
        "scope": "launch openid fhirUser online_access patient/Patient.rs patient/Observation.rs "
        "patient/RiskAssessment.rs patient/Encounter.rs patient/Device.rs patient/Provenance.rs "
        "patient/ServiceRequest.c",
        "code_challenge_method": "S256",
        "aud": ISSUER,
        "launch": "a b/ö&c",
    }
    assert ehr.calls() == [f"{ISSUER}/.well-known/smart-configuration"]


def test_aud_is_the_issuer_as_it_was_sent_to_the_byte(host: Any) -> None:
    answer = host.launch(host.browser(), iss=f"{ISSUER}/")

    assert parse_qs(urlsplit(answer.headers["Location"]).query)["aud"] == [f"{ISSUER}/"]


@pytest.mark.parametrize(
    "iss",
    [
        "https://evil.example/fhir",
        "https://ehr.example.org/fhir2",
        "https://ehr.example.org/FHIR",
        "https://EHR.example.org/fhir",
        "http://ehr.example.org/fhir",
        "https://ehr.example.org:443/fhir",
        "https://ehr.example.org/fhir//",
        "https://ehr.example.org@evil.example/fhir",
        "https://ehr.example.org/fhir?x=1",
        "https://ehr.example.org/fhir#x",
        " https://ehr.example.org/fhir",
        "https://ehr.example.org/fhir/../fhir",
        "file:///etc/passwd",
        "\x00",
    ],
)
def test_a_stranger_is_told_no_and_nobody_is_asked(host: Any, ehr: Any, iss: str) -> None:
    answer = host.launch(host.browser(), iss=iss)

    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.mimetype) == (403, "text/html")
    assert "This EHR is not one that may open the app." in page
    assert "evil" not in page
    assert ehr.calls() == []
    assert list(host.redis.scan_iter()) == []
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "query",
    [
        "",
        "iss=https://ehr.example.org/fhir",
        "launch=xyz",
        "iss=https://ehr.example.org/fhir&launch=",
        "iss=https://ehr.example.org/fhir&iss=https://evil.example&launch=x",
        f"iss=https://ehr.example.org/fhir&launch={'x' * 5000}",
    ],
)
def test_half_a_launch_is_refused_without_a_call(host: Any, ehr: Any, query: str) -> None:
    answer = host.browser().get(f"/launch?{query}")

    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert ehr.calls() == []


def test_the_launch_cookie_is_for_one_launch_and_ten_minutes(host: Any) -> None:
    cookie = host.launch(host.browser()).headers["Set-Cookie"]

    assert cookie.startswith("wherry_launch_")
    assert cookie.split("=")[0] != host.launch(host.browser()).headers["Set-Cookie"].split("=")[0]
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert parts - {part for part in parts if part.startswith("Expires=")} == {
        "HttpOnly",
        "Path=/",
        "SameSite=Lax",
        "Max-Age=600",
    }


def test_behind_https_the_cookie_also_works_in_a_frame_of_another_site(
    host: Any, with_deps: Any
) -> None:
    public = with_deps(here=type(host.deps.here)("https://app.example.org"))
    begun = public.browser().get("/launch", query_string={"iss": ISSUER, "launch": "xyz"})
    cookie = begun.headers["Set-Cookie"]

    assert cookie.startswith("__Host-wherry_launch_")
    assert {"Secure", "SameSite=None", "Partitioned", "HttpOnly"} <= {
        part.strip() for part in cookie.split(";")
    }


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"authorization_endpoint": "https://evil.example/authorize"}, 403),
        ({"token_endpoint": "https://evil.example/token"}, 403),
        ({"token_endpoint": "http://ehr.example.org/auth/token"}, 403),
        ({"jwks_uri": "https://169.254.169.254/latest"}, 403),
        ({"authorization_endpoint": "javascript:alert(1)"}, 403),
        ({"authorization_endpoint": "https://u@ehr.example.org/auth/authorize"}, 403),
        ({"token_endpoint": None}, 415),
        ({"code_challenge_methods_supported": ["plain"]}, 415),
    ],
)
def test_an_ehr_that_names_other_hosts_or_lacks_a_part_is_not_followed(
    host: Any, ehr: Any, change: dict[str, Any], status: int
) -> None:
    ehr.configuration.update(change)

    answer = host.launch(host.browser())

    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert "Location" not in answer.headers
    assert ehr.calls() == [f"{ISSUER}/.well-known/smart-configuration"]


def test_relative_addresses_and_missing_optional_members_are_taken(host: Any, ehr: Any) -> None:
    ehr.configuration = {
        "authorization_endpoint": "../auth/authorize",
        "token_endpoint": "/auth/token",
    }
    openid = {"issuer": ISSUER, "jwks_uri": "https://ehr.example.org/auth/jwks"}
    ehr.web.add("GET", f"{ISSUER}/.well-known/openid-configuration", json=openid)

    browser = host.browser()
    path = host.open(browser)

    assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        requests.ConnectionError(),
        requests.ReadTimeout(),
        b"<html>maintenance</html>",
        b"[]",
        b"x" * 1_100_000,
    ],
)
def test_an_ehr_that_does_not_answer_well_is_a_page_that_says_so(
    host: Any, ehr: Any, body: Any
) -> None:
    ehr.web.replace("GET", f"{ISSUER}/.well-known/smart-configuration", body=body)

    answer = host.launch(host.browser())

    assert (answer.status_code, answer.mimetype) == (503, "text/html")


def test_discovery_follows_no_redirect(host: Any, ehr: Any) -> None:
    ehr.web.replace(
        "GET",
        f"{ISSUER}/.well-known/smart-configuration",
        status=302,
        headers={"Location": "http://127.0.0.1:6379/"},
    )

    answer = host.launch(host.browser())

    assert answer.status_code == 503
    assert len(ehr.calls()) == 1


def test_without_redis_nothing_is_begun(host: Any) -> None:
    host.redis_server.connected = False

    answer = host.launch(host.browser())

    assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert "Location" not in answer.headers
