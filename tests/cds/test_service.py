"""A hook that fires, from the HTTP request to the card and back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from wherry.errors import Failure, Kind
from wherry_cds.deps import Links
from wherry_cds.protocol.answer import empty_elements
from wherry_cds.rules.score import Scored

Body = dict[str, Any]
SECRET = SecretStr("secret")
SANDBOX = "https://sandbox.example.org"


@pytest.fixture
def call_to(build: Any, request_body: Body) -> Callable[..., tuple[Any, Body]]:
    """A service that asks for this token, and a request for it."""
    return lambda token: (build(token=token), request_body)


def test_discovery_offers_the_service_to_anyone(build: Any) -> None:
    world = build(token=SecretStr("secret"))

    answer = world.client.get("/cds-services", environ_base={"REMOTE_ADDR": "203.0.113.5"})

    service = answer.get_json()["services"][0]
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert (service["id"], service["hook"]) == ("early-warning", "patient-view")
    assert service["prefetch"] == {
        "patient": "Patient/{{context.patientId}}",
        "observations": (
            "Observation?patient={{context.patientId}}&category=vital-signs&_sort=-date&_count=200"
        ),
    }


def test_a_call_is_answered_with_one_card(world: Any, request_body: Body) -> None:
    answer = world.call(request_body)

    body = answer.get_json()
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert list(body) == ["cards"]
    assert [card["indicator"] for card in body["cards"]] == ["critical"]
    assert UUID(body["cards"][0]["uuid"]).version == 4
    assert empty_elements(body) == []


def test_a_score_with_gaps_is_answered_lower(
    build: Any, with_gap: Scored, request_body: Body
) -> None:
    card = build(with_gap).call(request_body).get_json()["cards"][0]

    assert card["indicator"] == "warning"


def test_the_chart_is_linked_by_the_patients_logical_id(build: Any, request_body: Body) -> None:
    world = build(links=Links(chart="http://127.0.0.1:8100/chart/"))

    card = world.call(request_body).get_json()["cards"][0]

    assert card["links"][0]["url"] == "http://127.0.0.1:8100/chart/p-1"


def test_the_app_is_linked_when_it_is_set(build: Any, request_body: Body) -> None:
    """Source: CDS Hooks 2.0, Link, type smart."""
    world = build(links=Links(smart="http://127.0.0.1:8105/launch"))

    card = world.call(request_body).get_json()["cards"][0]

    assert [(one["type"], one["url"]) for one in card["links"]] == [
        ("smart", "http://127.0.0.1:8105/launch")
    ]
    assert card["links"][0]["appContext"] == card["uuid"]


@pytest.mark.parametrize("detail", ["the risk service did not answer in time", "not understood"])
def test_without_the_risk_service_there_is_no_answer(
    build: Any, request_body: Body, detail: str
) -> None:
    answer = build(Failure(Kind.UNAVAILABLE, detail)).call(request_body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.get_json() == {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "transient", "details": {"text": detail}}],
    }


def test_a_call_that_took_too_long_is_not_scored(world: Any, request_body: Body) -> None:
    world.ticks += [100.0, 102.6]

    answer = world.call(request_body)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert world.scorer.asked == []


def test_the_score_gets_the_time_that_is_left(world: Any, request_body: Body) -> None:
    world.ticks += [100.0, 101.5]

    world.call(request_body)

    assert world.scorer.timeouts == [1.0]


@pytest.mark.parametrize(
    ("accept", "type_"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/fhir+json", "application/fhir+json; charset=utf-8"),
    ],
)
def test_errors_are_plain_json_unless_fhir_is_asked_for(
    world: Any, accept: str, type_: str
) -> None:
    assert world.call({}, Accept=accept).content_type == type_


@pytest.mark.parametrize(
    ("token", "headers", "peer", "status"),
    [
        (None, {}, "127.0.0.1", 200),
        (None, {}, "203.0.113.5", 403),
        (SECRET, {}, "127.0.0.1", 401),
        (SECRET, {"Authorization": "Bearer wrong"}, "127.0.0.1", 401),
        (SECRET, {"Authorization": "Bearer secret"}, "203.0.113.5", 200),
    ],
)
def test_only_known_callers_are_answered(
    call_to: Any, token: SecretStr | None, headers: dict[str, str], peer: str, status: int
) -> None:
    world, request_body = call_to(token)
    world.client.environ_base["REMOTE_ADDR"] = peer

    answer = world.call(request_body, **headers)

    assert answer.status_code == status
    assert (world.scorer.asked == []) == (status != 200)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(SANDBOX, SANDBOX), ("https://evil.example.org", None), (f"{SANDBOX}.evil.org", None)],
)
def test_a_page_may_call_from_a_listed_origin_only(
    world: Any, request_body: Body, origin: str, allowed: str | None
) -> None:
    answer = world.call(request_body, Origin=origin)

    assert answer.headers.get("Access-Control-Allow-Origin") == allowed
    assert "Origin" in answer.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/early-warning"])
def test_a_preflight_needs_no_secret(build: Any, path: str) -> None:
    world = build(token=SecretStr("secret"))

    answer = world.client.options(
        path, headers={"Origin": SANDBOX}, environ_base={"REMOTE_ADDR": "203.0.113.5"}
    )

    assert answer.status_code == 200
    assert {
        name: answer.headers.get(name)
        for name in (
            "Access-Control-Allow-Origin",
            "Access-Control-Allow-Methods",
            "Access-Control-Allow-Headers",
            "Access-Control-Max-Age",
            "Access-Control-Allow-Credentials",
        )
    } == {
        "Access-Control-Allow-Origin": SANDBOX,
        "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Max-Age": "600",
        "Access-Control-Allow-Credentials": None,
    }


def test_a_refusal_can_be_read_by_a_listed_page(build: Any, request_body: Body) -> None:
    answer = build(token=SecretStr("secret")).call(request_body, Origin=SANDBOX)

    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == SANDBOX


def test_calls_are_counted_without_patient_data(world: Any, request_body: Body) -> None:
    world.call(request_body)
    world.call({})
    world.client.post("/cds-services/p-1-secret", json={})

    metrics = world.client.get("/metrics").get_data(as_text=True)
    counted = {line for line in metrics.splitlines() if line.startswith("wherry_cds_calls_total")}
    assert counted == {
        'wherry_cds_calls_total{indicator="critical",service="early-warning",status="200"} 1.0',
        'wherry_cds_calls_total{indicator="none",service="early-warning",status="400"} 1.0',
        'wherry_cds_calls_total{indicator="none",service="unknown",status="404"} 1.0',
    }
    assert "p-1" not in metrics


@pytest.mark.parametrize("up", [True, False])
def test_the_service_is_ready_when_the_risk_service_is(build: Any, up: bool) -> None:
    world = build(None if up else Failure(Kind.UNAVAILABLE, "the risk service does not answer"))

    assert world.client.get("/readyz").status_code == (200 if up else 503)


def test_logs_hold_ids_and_neither_values_nor_tokens(world: Any, request_body: Body) -> None:
    request_body["prefetch"]["patient"]["name"] = [{"family": "Zzyzx"}]
    request_body["fhirServer"] = "https://ehr.example.org/fhir"
    request_body["fhirAuthorization"] = {
        "access_token": "made-up-token",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.rs",
        "subject": "wherry",
    }

    with capture_logs() as logs:
        world.call(request_body)

    assert logs == [
        {
            "event": "hook_answered",
            "log_level": "info",
            "cds_service": "early-warning",
            "hook_instance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
            "patient_id": "p-1",
            "user_id": "Practitioner/u-1",
            "model": "news2",
            "version": "1.0.0",
        }
    ]
