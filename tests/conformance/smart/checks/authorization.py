"""The authorization request: who is answered, where, and with what."""

from dataclasses import replace

import requests
from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import CALLBACK, Server
from tests.conformance.smart.web import params

SCOPE = "launch patient/Patient.rs"
ALONE = "launch/patient patient/Patient.rs"
STATES = ("a b+c&d=e%41/?#", "ä€ß", "x" * 1000, "\"<>\\'", "0", data.STATE)


@proves(24, 316)
def an_app_is_told_its_client_id(server: Server) -> None:
    answer = server.seam.register(server.registration(auth_method="none"))
    equal(answer.status_code, 201, "registration")
    expect(answer.json()["client_id"], "no client_id")


@proves(18)
def only_registered_apps_and_addresses_are_answered(server: Server) -> None:
    app = server.public
    handed = server.launched(app)
    for changes in (
        {"client_id": "nobody-of-this-name"},
        {"client_id": None},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}?more=1"},
        {"redirect_uri": f"{CALLBACK}#more"},
        {"redirect_uri": CALLBACK.replace("callback", "Callback")},
        {"redirect_uri": CALLBACK.replace("127.0.0.1", "localhost")},
        {"redirect_uri": CALLBACK.replace(":9", ":10")},
        {"redirect_uri": f"{CALLBACK}@evil.example"},
        {"redirect_uri": "javascript:alert(1)"},
    ):
        for more in ({}, {"response_type": "token"}, {"code_challenge": None}, {"scope": None}):
            asked = server.asked(app, SCOPE, launch=handed["launch"], **{**more, **changes})
            answer = server.authorize(asked)
            expect(answer.status_code in {400, 401, 403}, f"status {answer.status_code}")
            expect("Location" not in answer.headers, "the browser is sent away")
            expect("evil.example" not in answer.text, "the page repeats what was sent")


@proves(18)
def a_registration_without_a_fixed_address_is_refused(server: Server) -> None:
    for uri in (
        "/callback",
        "https://*.example/callback",
        "https://app.example/#x",
        "javascript:x",
    ):
        refused = server.seam.register(server.registration(auth_method="none", redirect_uris=[uri]))
        equal(refused.status_code, 400, "registration of a loose address")


@proves(18)
def a_native_app_may_have_any_port_on_a_loopback_address_and_nothing_else(server: Server) -> None:
    app = server.register(auth_method="none", native=True, redirect_uris=["http://127.0.0.1/back"])
    at_a_port = replace(app, redirect_uri="http://127.0.0.1:51789/back")
    expect("code" in server.standalone(at_a_port, ALONE), "a port of its own is refused")
    for uri in (
        "http://127.0.0.1:51789/other",
        "http://localhost:51789/back",
        "https://127.0.0.1:51789/back",
        "http://127.0.0.1:51789@evil.example/back",
        "http://127.0.0.1:x/back",
    ):
        answer = server.authorize(server.asked(app, ALONE, redirect_uri=uri))
        expect("Location" not in answer.headers, "the browser is sent away")


@proves(48, 49, 53, 56, 57, 352, 354)
def a_launch_from_the_chart_ends_with_a_code_by_get_and_by_post(server: Server) -> None:
    for method in ("GET", "POST"):
        told = server.launch(server.public, SCOPE, method=method)
        expect(len(told.get("code", "")) >= 16, f"no code by {method}")
        expect("error" not in told, "a code and an error")


@proves(48, 49, 53, 56, 57, 353)
def a_launch_outside_the_chart_ends_with_a_code(server: Server) -> None:
    told = server.standalone(server.public, ALONE)
    expect("code" in told, "no code")


@proves(54)
def somebody_who_refuses_is_told_to_the_app(server: Server) -> None:
    told = server.standalone(server.public, ALONE, allow=False)
    equal((told.get("error"), told.get("state")), ("access_denied", data.STATE), "the refusal")
    expect("code" not in told, "a code comes with the refusal")


@proves(59)
def the_state_comes_back_to_the_letter(server: Server) -> None:
    for state in STATES:
        told = server.launch(server.public, SCOPE, changes={"state": state})
        equal(told.get("state"), state, "state with a code")
        handed = server.launched(server.public)
        bad = server.asked(
            server.public, SCOPE, launch=handed["launch"], state=state, aud="http://x.example/"
        )
        equal(
            params(server.authorize(bad).headers["Location"]).get("state"), state, "with an error"
        )


@proves(54, 59)
def the_issuer_is_named_in_every_answer(server: Server) -> None:
    for told in (
        server.launch(server.public, SCOPE),
        server.standalone(server.public, ALONE),
        server.standalone(server.public, ALONE, allow=False),
    ):
        equal(told.get("iss"), server.config["issuer"], "iss (RFC 9207)")


@proves(54)
def a_request_that_lacks_something_is_refused_to_the_app(server: Server) -> None:
    cases: dict[str, list[dict[str, str | None]]] = {
        "unsupported_response_type": [{"response_type": "token"}, {"response_type": "id_token"}],
        "invalid_request": [
            {"state": None},
            {"aud": None},
            {"scope": None},
            {"launch": "made-up"},
        ],
        "invalid_scope": [{"scope": "launch"}, {"scope": "launch patient/Nothing.rs"}],
    }
    for error, changes in cases.items():
        for each in changes:
            _refused(server, error, **each)


@proves(96)
def aud_has_to_be_this_server_to_the_letter(server: Server) -> None:
    base = server.base
    host = base.partition("://")[2].partition("/")[0]
    for aud in (
        "http://evil.example/fhir",
        base.replace(host, f"evil.example:{host.rpartition(':')[2]}"),
        f"{base}/",
        base.upper(),
        base.removesuffix("/fhir"),
        f"{base}@evil.example",
    ):
        _refused(server, "invalid_request", aud=aud)


@proves(14, 15)
def a_challenge_is_needed_and_plain_is_refused(server: Server) -> None:
    for app in (server.public, server.symmetric, server.asymmetric):
        for changes in (
            {"code_challenge": None, "code_challenge_method": None},
            {"code_challenge": None},
            {"code_challenge_method": None},
            {"code_challenge_method": "plain", "code_challenge": data.VERIFIER},
            {"code_challenge_method": "s256"},
            {"code_challenge": "short"},
        ):
            handed = server.launched(app)
            asked = server.asked(app, SCOPE, launch=handed["launch"], **changes)
            told = server.told(server.authorize(asked), app)
            equal(told.get("error"), "invalid_request", "the error")


@proves(352)
def a_launch_handle_works_once_and_for_its_app_and_browser_only(server: Server) -> None:
    app, other = server.public, server.symmetric
    handed = server.launched(app)["launch"]
    stranger = server.seam.sign_in()
    tries = [
        server.authorize(server.asked(other, SCOPE, launch=handed)),
        server.authorize(server.asked(app, SCOPE, launch=handed), browser=stranger),
    ]
    for answer in tries:
        expect("error" in params(answer.headers["Location"]), "a stolen launch is answered")
    asked = server.asked(app, SCOPE, launch=handed)
    expect("code" in server.told(server.authorize(asked), app), "the launch itself is refused")
    again = params(server.authorize(asked).headers["Location"])
    equal(again.get("error"), "invalid_request", "the launch used twice")


@proves(54)
def a_parameter_sent_twice_is_refused(server: Server) -> None:
    asked = server.asked(server.public, SCOPE, launch=server.launched(server.public)["launch"])
    url = server.config["authorization_endpoint"]
    for name in ("scope", "state", "aud", "code_challenge"):
        twice = [*asked.items(), (name, asked[name])]
        answer: requests.Response = server.browser.get(url, params=twice)
        equal(params(answer.headers.get("Location", "")).get("error"), "invalid_request", name)
    for name in ("client_id", "redirect_uri"):
        answer = server.browser.get(url, params=[*asked.items(), (name, "https://evil.example")])
        expect("evil.example" not in answer.headers.get("Location", ""), "an open redirect")


def _refused(server: Server, error: str, **changes: str | None) -> None:
    handed = server.launched(server.public)
    asked = server.asked(server.public, SCOPE, **{"launch": handed["launch"], **changes})
    told = server.told(server.authorize(asked), server.public)
    equal(told.get("error"), error, f"the error with {sorted(changes)}")
    expect("code" not in told, "a code comes with the error")
