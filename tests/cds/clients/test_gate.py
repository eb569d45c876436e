"""Who is let in at the door, and what those hear who are not."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.cds.clients.ehr import (
    BASE,
    ENDPOINT,
    NOW_S,
    Checking,
    bearer,
    claims,
    client,
    ec,
    header,
    signed,
    with_header,
)

from wherry_cds.clients.gate import DiscoveryAuth, Unregistered, endpoints
from wherry_cds.clients.profile import PROFILES

Body = dict[str, Any]
DISCOVERY = f"{BASE}/cds-services"


def test_a_signed_call_is_answered(guarded: Any, request_body: Body) -> None:
    assert guarded().call(request_body, **bearer(signed())).status_code == 200


REFUSED = {
    "no_token": {},
    "basic": {"Authorization": "Basic YTpi"},
    "empty": bearer(""),
    "nonsense": bearer("a.b.c"),
    "none": bearer(with_header(header(alg="none"))),
    "over": bearer(signed(claims(exp=NOW_S - 100, iat=NOW_S - 200))),
    "forged": bearer(signed(key=ec("P-384", "other"))),
    "of_a_stranger": bearer(signed(claims(iss="https://evil.example.org"))),
    "for_another_service": bearer(signed(claims(aud=f"{DISCOVERY}/deterioration"))),
    "for_another_host": bearer(signed(claims(aud=ENDPOINT.replace("cds.", "evil.")))),
}


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_whoever_is_refused_hears_the_same(
    guarded: Any, request_body: Body, headers: dict[str, str]
) -> None:
    world = guarded()

    answer = world.call(request_body, **headers)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.get_json() == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "login",
                "details": {"text": "a valid token of a registered client is needed"},
            }
        ],
    }
    assert world.scorer.asked == []


def test_aud_is_not_read_from_the_host_header(guarded: Any, request_body: Body) -> None:
    spoofed = signed(claims(aud="https://evil.example.org/cds-services/early-warning"))

    answer = guarded().call(request_body, Host="evil.example.org", **bearer(spoofed))

    assert answer.status_code == 401


def test_a_token_opens_the_door_once(guarded: Any, request_body: Body) -> None:
    world, headers = guarded(), bearer(signed())

    assert [world.call(request_body, **headers).status_code for _ in range(2)] == [200, 401]


@pytest.mark.parametrize(
    ("registered", "said"),
    [({"claims": frozenset({"t-1"})}, {}), ({"sub": "x"}, {}), ({"enabled": False}, {})],
)
def test_who_is_proved_but_not_let_in_hears_403(
    guarded: Any, request_body: Body, registered: Body, said: Body
) -> None:
    answer = guarded(client(**registered)).call(request_body, **bearer(signed(claims(**said))))

    assert answer.status_code == 403
    assert answer.get_json()["issue"][0]["details"]["text"] == "this client is not let in"


@pytest.mark.parametrize(("hooks", "status"), [({"patient-view"}, 200), ({"order-sign"}, 403)])
def test_a_client_fires_the_hooks_that_are_switched_on_for_it(
    guarded: Any, request_body: Body, hooks: set[str], status: int
) -> None:
    world = guarded(client(hooks=frozenset(hooks)))

    assert world.call(request_body, **bearer(signed())).status_code == status


@pytest.mark.parametrize(
    ("lenient", "instance", "status"),
    [(False, "call-7", 400), (True, "call-7", 200), (True, "a b", 400), (True, "x" * 65, 400)],
)
def test_a_client_may_be_forgiven_an_instance_that_is_no_uuid(
    guarded: Any, request_body: Body, lenient: bool, instance: str, status: int
) -> None:
    profile = replace(PROFILES["epic"], algs=frozenset({"ES384"}), any_hook_instance=lenient)
    world = guarded(client(profile=profile))

    answer = world.call({**request_body, "hookInstance": instance}, **bearer(signed()))

    assert answer.status_code == status


def test_without_the_store_of_tokens_the_answer_is_503(
    guarded: Any, checking: Checking, request_body: Body
) -> None:
    checking.replays.away = True
    world = guarded()

    answer = world.call(request_body, **bearer(signed()))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert world.scorer.asked == []
    assert world.client.get("/readyz").status_code == 503


def test_without_keys_the_answer_is_503(build: Any, request_body: Body) -> None:
    world = build(gate=Checking({}).gate(client()))

    answer = world.call(request_body, **bearer(signed()))

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_the_secret_of_the_suite_opens_no_hook_once_clients_are_registered(
    guarded: Any, request_body: Body
) -> None:
    world = guarded(token=SecretStr("the-secret"))

    assert world.call(request_body, **bearer("the-secret")).status_code == 401


def test_nor_does_being_on_this_machine(guarded: Any, request_body: Body) -> None:
    world = guarded()
    world.client.environ_base["REMOTE_ADDR"] = "127.0.0.1"

    assert world.call(request_body).status_code == 401


@pytest.mark.parametrize(
    ("token", "headers", "peer", "status"),
    [
        (None, {}, "127.0.0.1", 200),
        (None, {}, "203.0.113.5", 403),
        (SecretStr("s"), bearer("s"), "203.0.113.5", 200),
        (SecretStr("s"), {}, "127.0.0.1", 401),
    ],
)
def test_without_clients_the_suite_itself_may_call(
    build: Any,
    checking: Checking,
    request_body: Body,
    *,
    token: SecretStr | None,
    headers: dict[str, str],
    peer: str,
    status: int,
) -> None:
    gate = checking.gate(otherwise=Unregistered(token))
    world = build(gate=gate)
    world.client.environ_base["REMOTE_ADDR"] = peer

    assert world.call(request_body, **headers).status_code == status


@pytest.mark.parametrize("token", [None, SecretStr("s")])
def test_in_production_a_service_without_clients_answers_no_hook(
    build: Any, checking: Checking, request_body: Body, token: SecretStr | None
) -> None:
    world = build(gate=checking.gate(otherwise=Unregistered(token, production=True)))

    assert world.call(request_body, **bearer("s")).status_code == 403
    assert world.client.get("/cds-services").status_code == 200


# the rest of the door


def test_a_preflight_needs_no_token_and_every_other_method_does(guarded: Any) -> None:
    world = guarded()

    statuses = {
        method: world.client.open("/cds-services/early-warning", method=method).status_code
        for method in ("OPTIONS", "GET", "HEAD", "PUT", "POST")
    }

    assert statuses == {"OPTIONS": 200, "GET": 401, "HEAD": 401, "PUT": 401, "POST": 401}


@pytest.mark.parametrize(
    "path", ["/cds-services/early-warning/", "/cds-services/none", "/cds-services/"]
)
def test_no_way_of_writing_the_path_goes_round_the_gate(guarded: Any, path: str) -> None:
    world = guarded(discovery=DiscoveryAuth.REQUIRED)

    assert world.client.post(path, json={}).status_code == 401


def test_health_stays_open(guarded: Any) -> None:
    world = guarded()

    assert [world.client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_feedback_may_be_addressed_to_its_service() -> None:
    assert set(endpoints(("https://a.org",), "/cds-services/x/feedback")) == {
        "https://a.org/cds-services/x/feedback",
        "https://a.org/cds-services/x/feedback/",
        "https://a.org/cds-services/x",
        "https://a.org/cds-services/x/",
    }
    assert "https://a.org/cds-services" not in endpoints(("https://a.org",), "/cds-services/x")


def test_the_log_names_the_rule_and_nothing_of_the_token(guarded: Any, request_body: Body) -> None:
    token = signed(claims(sub="Zzyzx", aud="https://Zzyzx.example.org"))

    with capture_logs() as logs:
        guarded().call(request_body, **bearer(token))

    refused = [entry for entry in logs if entry["event"] == "client_refused"]
    assert [(entry["rule"], entry["log_level"]) for entry in refused] == [("audience", "warning")]
    written = repr(logs)
    assert "Zzyzx" not in written
    assert all(part not in written for part in token.split("."))
