"""Apps and CDS services that a tester adds: which addresses are taken, and what they may do."""

from dataclasses import replace
from typing import Any

import pytest

from wherry_ehr.chart.cds_servers import address_problem

APP = {
    "client_id": "mine",
    "name": "My app",
    "launch_url": "http://127.0.0.1:3000/launch",
    "redirect_uri": "http://127.0.0.1:3000/callback",
    "scope": "launch patient/Patient.rs",
    "jwks_uri": "",
}
SERVICE = {"id": "other", "name": "Other service", "url": "http://127.0.0.1:9000/cds/"}


def test_a_service_that_was_added_is_asked_until_it_is_removed(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    added = sandbox.post("/chart/_registered/services", **SERVICE)
    sandbox.page("/chart/p-1")
    asked = [url for url, _ in sandbox.cds.bearers]
    removed = sandbox.post("/chart/_registered/services/remove", id="other")
    sandbox.cds.bearers.clear()
    sandbox.page("/chart/p-1")

    assert (added.status_code, removed.status_code) == (303, 303)
    assert "http://127.0.0.1:9000/cds/cds-services" in asked
    assert "http://127.0.0.1:9000/cds/cds-services/early-warning" in asked
    assert {body["fhirAuthorization"]["subject"] for body in sandbox.cds.asked} == {
        "wherry-cds",
        "other",
    }
    assert not [url for url, _ in sandbox.cds.bearers if ":9000" in url]


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("http://127.0.0.1:9000", True),
        ("http://127.1.2.3/x", True),
        ("http://[::1]:9000", True),
        ("http://localhost:9000", True),
        ("https://cds.example.org/hooks", True),
        ("https://cds.example.org:444", False),
        ("https://cds.example.org.evil.example", False),
        ("https://elsewhere.example", False),
        ("http://cds.example.org", False),
        ("http://10.0.0.1", False),
        ("http://169.254.169.254", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://127.0.0.1@evil.example", False),
        ("http://localhost.evil.example", False),
        ("http://0.0.0.0:9000", False),
        ("ftp://127.0.0.1", False),
        ("//127.0.0.1", False),
        ("http://127.0.0.1:99999", False),
        ("http://127.0.0.1/?a=b", False),
        ("http://127.0.0.1/#x", False),
        ("http://127.0.0.1/ x", False),
        ("javascript:alert(1)", False),
        ("", False),
    ],
)
def test_services_are_called_on_this_machine_or_at_an_origin_on_the_list(
    url: str, fits: bool
) -> None:
    assert (address_problem(url, ("https://cds.example.org",)) == "") is fits


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"url": "http://10.0.0.1"}, 400, "https is needed"),
        ({"url": "https://elsewhere.example"}, 400, "neither a loopback address nor"),
        ({"id": "a b"}, 400, "letters, digits"),
        ({"name": ""}, 400, "a name of at most"),
        ({"id": "wherry-cds"}, 409, "registered already"),
    ],
)
def test_a_service_that_is_not_taken_is_asked_about_at_the_field(
    sandbox: Any, changed: dict[str, str], status: int, said: str
) -> None:
    answer = sandbox.post("/chart/_registered/services", **{**SERVICE, **changed})

    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert "Error: " in page
    assert said in page
    assert 'aria-invalid="true"' in page
    assert 'value="Other service"' in page or changed.get("name") == ""


def test_a_service_whose_origin_left_the_list_is_not_asked_any_more(
    sandbox: Any, made: Any
) -> None:
    sandbox.put(made.patient())
    app = sandbox.client.application
    app.extensions["wherry"] = replace(sandbox.deps, cds_allowed=("https://cds.example.org",))
    added = sandbox.post(
        "/chart/_registered/services", **{**SERVICE, "url": "https://cds.example.org"}
    )
    app.extensions["wherry"] = sandbox.deps

    sandbox.page("/chart/p-1")

    assert added.status_code == 303
    assert not [url for url, _ in sandbox.cds.bearers if "example.org" in url]


def test_an_app_that_was_added_is_launched_until_it_is_removed(sandbox: Any, made: Any) -> None:
    sandbox.put(made.patient())

    added = sandbox.post("/chart/_registered/apps", **APP)
    launched = sandbox.post("/chart/p-1/launch", client="mine")
    removed = sandbox.post("/chart/_registered/apps/remove", id="mine")
    again = sandbox.post("/chart/p-1/launch", client="mine")

    assert (added.status_code, removed.status_code, again.status_code) == (303, 303, 404)
    assert launched.location.startswith("http://127.0.0.1:3000/launch?iss=")


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"launch_url": "http://app.example/launch"}, 400),
        ({"redirect_uri": "http://app.example/back"}, 400),
        ({"redirect_uri": "javascript:alert(1)"}, 400),
        ({"redirect_uri": ""}, 400),
        ({"jwks_uri": "http://app.example/keys"}, 400),
        ({"client_id": ""}, 400),
        ({"scope": ""}, 400),
        ({"client_id": "a b"}, 400),
        ({"client_id": "wherry-smart"}, 409),
    ],
)
def test_an_app_that_is_not_taken_is_not_registered(
    sandbox: Any, changed: dict[str, str], status: int
) -> None:
    answer = sandbox.post("/chart/_registered/apps", **{**APP, **changed})

    assert answer.status_code == status
    assert "Not registered" in answer.get_data(as_text=True)
    assert "My app</th>" not in sandbox.page("/chart/_registered")


@pytest.mark.parametrize("what", ["apps", "services"])
def test_what_the_settings_registered_is_not_removed(sandbox: Any, what: str) -> None:
    ids = {"apps": "wherry-smart", "services": "wherry-cds"}

    answer = sandbox.post(f"/chart/_registered/{what}/remove", id=ids[what])

    assert answer.status_code == 404
    assert ids[what] in sandbox.page("/chart/_registered")


FORMS = [
    "/chart",
    "/chart/_registered/apps",
    "/chart/_registered/apps/remove",
    "/chart/_registered/services",
    "/chart/_registered/services/remove",
    "/chart/p-1/hooks/patient-view",
    "/chart/p-1/app",
    "/chart/p-1/launch",
    "/chart/p-1/orders",
    "/chart/p-1/orders/check",
    "/chart/p-1/orders/sign",
    "/chart/p-1/orders/discard",
    "/chart/p-1/cards/x/0/take",
    "/chart/p-1/cards/x/0/dismiss",
    "/chart/p-1/wishes/x",
]


def test_every_form_of_the_chart_is_in_this_list(sandbox: Any) -> None:
    rules = {
        rule.rule.replace("<patient_id>", "p-1")
        .replace("<exchange>", "x")
        .replace("<int:number>", "0")
        .replace("<hook>", "patient-view")
        for rule in sandbox.client.application.url_map.iter_rules()
        if rule.rule.startswith("/chart") and "POST" in (rule.methods or ())
    }

    assert rules - {"/chart/_session", "/chart/_session/end"} == set(FORMS)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:8105"},
    ],
)
def test_no_form_that_another_page_sent_is_taken(
    sandbox: Any, made: Any, path: str, headers: dict[str, str]
) -> None:
    sandbox.put(made.patient())

    answer = sandbox.client.post(path, data={}, headers=headers)

    assert answer.status_code == 403
    assert "sent by another page" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", FORMS)
def test_no_form_is_taken_from_somebody_who_is_not_signed_in(
    sandbox: Any, made: Any, path: str
) -> None:
    sandbox.put(made.patient())

    answer = sandbox.client.application.test_client().post(path, data={})

    assert answer.status_code == 401
    assert "Testperson" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/chart/_registered", "/chart/_calls", "/chart/_calls/x"])
def test_these_pages_are_for_somebody_who_is_signed_in(sandbox: Any, path: str) -> None:
    answer = sandbox.client.application.test_client().get(path)

    assert answer.status_code == 303
    assert answer.location.startswith("/chart/_session")
