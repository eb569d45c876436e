"""The token request and its answer."""

import re
import time

from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import App, Server, error_of

SCOPE = "launch patient/Patient.rs"
# Source: RFC 6750, 2.1
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def _every_kind(server: Server) -> tuple[App, App, App]:
    return server.public, server.symmetric, server.asymmetric


@proves(73, 74, 75, 78, 84, 85, 88, 86, 87, 355, 356, 357)
def every_kind_of_client_gets_a_token(server: Server) -> None:
    for app in _every_kind(server):
        answer = server.exchange(app, server.launch(app, SCOPE)["code"])
        body = server.good(answer)
        kind = answer.headers["Content-Type"].partition(";")[0]
        equal(kind, "application/json", "type of the answer")
        expect("no-store" in answer.headers.get("Cache-Control", ""), "Cache-Control")
        expect("no-cache" in answer.headers.get("Pragma", ""), "Pragma")
        equal(body["token_type"], "Bearer", "token_type")
        expect(_BEARER.fullmatch(body["access_token"]), "access_token is no bearer token")
        expect(isinstance(body["expires_in"], int), "expires_in is no number")
        expect(0 < body["expires_in"] <= 3600, "a token lasts longer than an hour")
        equal(body["scope"].split(), SCOPE.split(), "scope")
        equal(server.fhir(body["access_token"], f"Patient/{data.ADA}").status_code, 200, "its use")


@proves(78)
def a_scope_that_is_not_granted_in_full_is_said_so(server: Server) -> None:
    app = server.register(auth_method="none", scope="launch patient/Observation.rs")
    asked = "launch patient/Observation.cruds patient/Patient.rs user/*.cruds made-up openid"
    body = server.tokens(app, asked)
    equal(body["scope"], "launch patient/Observation.rs", "the granted scope")
    equal(server.fhir(body["access_token"], f"Patient/{data.ADA}").status_code, 403, "beyond it")


@proves(89)
def a_refresh_token_is_given_only_when_it_was_asked_for(server: Server) -> None:
    for scope, wanted in ((SCOPE, False), (f"{SCOPE} offline_access", True)):
        body = server.tokens(server.public, scope)
        equal("refresh_token" in body, wanted, "a refresh token")


@proves(31)
def the_verifier_has_to_be_there_and_right(server: Server) -> None:
    for app in _every_kind(server):
        code = server.launch(app, SCOPE)["code"]
        for verifier in (None, "", "x" * 43, data.VERIFIER[:-1], data.VERIFIER + "0", "short"):
            refused = server.exchange(app, code, code_verifier=verifier)
            found = error_of(refused)
            expect(found in {"invalid_grant", "invalid_request"}, f"the error is {found}")
        server.good(server.exchange(app, code))


@proves(53, 73)
def a_code_works_once_and_a_replay_ends_what_came_from_it(server: Server) -> None:
    for app in _every_kind(server):
        code = server.launch(app, f"{SCOPE} offline_access")["code"]
        body = server.good(server.exchange(app, code))
        equal(error_of(server.exchange(app, code)), "invalid_grant", "the replay")
        after = server.fhir(body["access_token"], f"Patient/{data.ADA}")
        equal(after.status_code, 401, "the token of a replayed code")
        again = server.refresh(app, body["refresh_token"])
        equal(error_of(again), "invalid_grant", "the refresh token of a replayed code")


@proves(53, 73)
def a_code_is_bound_to_its_client_and_address(server: Server) -> None:
    other = server.register(auth_method="none")
    code = server.launch(server.public, SCOPE)["code"]
    equal(error_of(server.exchange(other, code)), "invalid_grant", "another client")
    for uri in (None, "http://127.0.0.1:9/callback/", "https://evil.example/"):
        refused = server.exchange(server.public, code, redirect_uri=uri)
        expect(error_of(refused) in {"invalid_grant", "invalid_request"}, "another address")
    server.good(server.exchange(server.public, code))


@proves(53)
def a_code_ends(server: Server) -> None:
    app = server.register(auth_method="none", code_life_s=1)
    code = server.launch(app, SCOPE)["code"]
    time.sleep(2.1)
    equal(error_of(server.exchange(app, code)), "invalid_grant", "a code that has ended")


@proves(77, 94, 265)
def a_token_ends(server: Server) -> None:
    app = server.register(auth_method="none", token_life_s=5)
    body = server.tokens(app, SCOPE)
    equal(body["expires_in"], 5, "expires_in")
    expect(server.fhir(body["access_token"], "Patient").status_code == 200, "it never worked")
    time.sleep(6.1)
    late = server.fhir(body["access_token"], "Patient")
    equal(late.status_code, 401, "a token that has ended")
    expect("invalid_token" in late.headers.get("WWW-Authenticate", ""), "no word why")


@proves(94, 265)
def made_up_tokens_open_nothing(server: Server) -> None:
    good = server.tokens(server.public, SCOPE)["access_token"]
    for token in ("made-up", good[:-1], f"{good}x", good.swapcase()):
        equal(server.fhir(token, "Patient").status_code, 401, "a made-up token")
    headers = {"Authorization": f"Basic {good}"}
    equal(server.fhir("", "Patient", headers=headers).status_code, 401, "another scheme")


@proves(73, 251, 340)
def errors_are_those_of_oauth(server: Server) -> None:
    app = server.public
    cases = [
        (server.token_request(app, {"grant_type": "not_a_grant_type"}), "unsupported_grant_type"),
        (server.token_request(app, {"grant_type": "authorization_code"}), "invalid_request"),
        (server.exchange(app, "made-up"), "invalid_grant"),
        (server.refresh(app, "made-up"), "invalid_grant"),
        (server.exchange(App("nobody"), "made-up"), "invalid_client"),
    ]
    for answer, error in cases:
        equal((answer.status_code in {400, 401}, error_of(answer)), (True, error), "the error")
        expect("no-store" in answer.headers.get("Cache-Control", ""), "an error may be kept")


@proves(356, 340)
def a_secret_has_to_be_right(server: Server) -> None:
    code = server.launch(server.symmetric, SCOPE)["code"]
    wrong = App(server.symmetric.client_id, secret="made-up")
    refused = server.exchange(wrong, code)
    equal((refused.status_code, error_of(refused)), (401, "invalid_client"), "a wrong secret")
    expect("Basic" in refused.headers.get("WWW-Authenticate", ""), "no challenge")
    for sent in ({"client_id": server.symmetric.client_id}, {"client_secret": "x"}):
        plain = server.exchange(App(server.symmetric.client_id), code, **sent)
        equal(error_of(plain), "invalid_client", "no secret, or one in the form")
    server.good(server.exchange(server.symmetric, code))


@proves(355)
def a_public_client_cannot_pose_as_a_confidential_one(server: Server) -> None:
    for app in (server.symmetric, server.asymmetric):
        code = server.launch(app, SCOPE)["code"]
        equal(error_of(server.exchange(App(app.client_id), code)), "invalid_client", "no proof")
        both = server.exchange(app, code, client_secret="x")
        equal(error_of(both), "invalid_client", "two ways at once")


@proves(73)
def a_token_that_is_given_back_is_dead(server: Server) -> None:
    app = server.public
    body = server.tokens(app, f"{SCOPE} offline_access")
    other = server.register(auth_method="none")
    url = server.config["revocation_endpoint"]
    server.as_client(url, other, {"token": body["access_token"]})
    equal(server.fhir(body["access_token"], "Patient").status_code, 200, "by another client")
    server.as_client(url, app, {"token": body["refresh_token"]})
    equal(error_of(server.refresh(app, body["refresh_token"])), "invalid_grant", "given back")
    equal(server.fhir(body["access_token"], "Patient").status_code, 401, "what came from it")
