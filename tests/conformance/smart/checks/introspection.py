"""Introspection: what a token means, for those who may ask."""

import time
from typing import Any

import requests
from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server

SCOPE = "launch openid fhirUser patient/Patient.rs"


def _asked(server: Server, bearer: str, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    url = server.config["introspection_endpoint"]
    return server.http.post(url, data={"token": token}, headers=headers)


def _may(server: Server) -> str:
    return server.service_token("__introspect")


@proves(271, 272, 273, 274, 275, 276, 277, 278, 279)
def an_active_token_is_told_as_it_was_given(server: Server) -> None:
    app = server.register(auth_method="none", intents=["look"])
    body = server.tokens(app, f"{SCOPE} launch/encounter", intent="look", encounter=data.VISIT)
    found: dict[str, Any] = _asked(server, _may(server), body["access_token"]).json()
    expect(found["active"] is True, "active")
    equal(found["scope"], body["scope"], "scope")
    equal(found["client_id"], app.client_id, "client_id")
    left = found["exp"] - time.time()
    expect(isinstance(found["exp"], int), "exp is no integer")
    expect(body["expires_in"] - 60 < left <= body["expires_in"] + 1, "exp and expires_in differ")
    for name in ("patient", "encounter", "intent", "need_patient_banner", "tenant"):
        equal(found.get(name), body[name], name)
    equal(found["iss"], server.config["issuer"], "iss")
    expect(found["sub"] and found["fhirUser"].endswith(found["sub"]), "sub and fhirUser")


@proves(271, 272)
def of_a_token_that_does_not_work_nothing_is_told(server: Server) -> None:
    bearer = _may(server)
    short = server.tokens(server.register(auth_method="none", token_life_s=1), SCOPE)
    time.sleep(2.1)
    for token in ("made-up", short["access_token"]):
        answer = _asked(server, bearer, token)
        equal((answer.status_code, answer.json()), (200, {"active": False}), "its answer")


@proves(282, 283)
def a_bearer_with_the_scope_may_ask_about_tokens_of_any_client(server: Server) -> None:
    bearer = _may(server)
    for app in (server.public, server.symmetric, server.asymmetric):
        body = server.tokens(app, SCOPE)
        found = _asked(server, bearer, body["access_token"]).json()
        equal(found.get("client_id"), app.client_id, "a token of another client")


@proves(282)
def nobody_else_may_ask(server: Server) -> None:
    token = server.tokens(server.public, SCOPE)["access_token"]
    other = server.service_token("system/Patient.rs")
    for bearer in ("", "made-up", token, other):
        answer = _asked(server, bearer, token)
        expect(answer.status_code in {400, 401, 403}, f"status {answer.status_code}")
        expect("active" not in answer.text, "something is told")
