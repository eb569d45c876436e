"""The shared behaviour of every service, on a small app around fakes."""

from collections.abc import Callable

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr
from structlog.testing import capture_logs

from wherry.errors import Failure, Kind
from wherry.logs import current_request_id
from wherry.web.app import make_app
from wherry.web.body import json_object

FAR = {"REMOTE_ADDR": "203.0.113.9"}


def _up() -> None:
    return None


def _down() -> None:
    raise Failure(Kind.UNAVAILABLE, "does not answer")


def _app(
    *,
    ping: Callable[[], None] = _up,
    token: str | None = None,
    open_paths: frozenset[str] = frozenset(),
    max_body_bytes: int = 1000,
) -> Flask:
    bp = Blueprint("sample", __name__)

    @bp.get("/fail/<name>")
    def fail(name: str) -> str:
        raise Failure(Kind[name], "it did not work", at="Patient.name")

    @bp.get("/bug")
    def bug() -> str:
        raise ValueError("Synthetic-Patient-Name")

    @bp.get("/id")
    def which() -> str:
        return current_request_id()

    @bp.post("/echo")
    def echo() -> dict[str, int]:
        return {"fields": len(json_object())}

    registry = CollectorRegistry()
    Counter("sample_calls", "calls", registry=registry).inc()
    return make_app(
        "sample",
        deps=object(),
        pings={"database": ping},
        blueprints=[bp],
        registry=registry,
        token=SecretStr(token) if token else None,
        open_paths=open_paths,
        max_body_bytes=max_body_bytes,
    )


@pytest.fixture
def client() -> FlaskClient:
    return _app().test_client()


@pytest.mark.parametrize("kind", Kind)
def test_every_failure_is_answered_as_an_operation_outcome(kind: Kind, client: FlaskClient) -> None:
    answer = client.get(f"/fail/{kind.name}")

    assert answer.status_code == kind.http
    assert answer.content_type == "application/fhir+json; charset=utf-8"
    assert answer.json == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": kind.issue,
                "details": {"text": "it did not work"},
                "expression": ["Patient.name"],
            }
        ],
    }


def test_a_bug_is_a_500_that_tells_nothing_of_its_text(client: FlaskClient) -> None:
    with capture_logs() as logs:
        answer = client.get("/bug")

    assert answer.status_code == 500
    assert "Synthetic-Patient-Name" not in answer.text + repr(logs)
    assert [event["event"] for event in logs] == ["request_crashed"]


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/echo", 405)])
def test_http_errors_are_operation_outcomes_too(
    path: str, status: int, client: FlaskClient
) -> None:
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["resourceType"] == "OperationOutcome"


def test_an_unavailable_dependency_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.get("/fail/UNAVAILABLE").headers["Retry-After"] == "2"


def test_a_request_id_is_taken_bound_and_returned(client: FlaskClient) -> None:
    answer = client.get("/id", headers={"X-Request-Id": "feed-42"})

    assert (answer.text, answer.headers["X-Request-Id"]) == ("feed-42", "feed-42")


def test_an_unsafe_request_id_is_replaced(client: FlaskClient) -> None:
    answer = client.get("/id", headers={"X-Request-Id": "a b\\c" * 50})

    assert answer.headers["X-Request-Id"] == answer.text
    assert len(answer.text) == 36


def test_ready_when_every_dependency_answers(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json) == (
        200,
        {"status": "ready", "needs": {"database": "up"}},
    )


def test_not_ready_names_the_dependency_that_is_down() -> None:
    answer = _app(ping=_down).test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "needs": {"database": "down: does not answer"}}


def test_up_even_when_a_dependency_is_down() -> None:
    assert _app(ping=_down).test_client().get("/healthz").status_code == 200


def test_metrics_are_prometheus_text(client: FlaskClient) -> None:
    assert "sample_calls_total 1.0" in client.get("/metrics").text


def test_without_a_token_only_this_machine_is_answered(client: FlaskClient) -> None:
    near = client.get("/id")
    far = client.get("/id", environ_base=FAR)

    assert (near.status_code, far.status_code) == (200, 403)


def test_with_a_token_every_call_needs_it() -> None:
    client = _app(token="right").test_client()

    answers = [
        client.get("/id", headers=headers).status_code
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer right"})
    ]

    assert answers == [401, 401, 200]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/id"])
def test_health_pages_and_open_paths_need_no_token(path: str) -> None:
    client = _app(token="right", open_paths=frozenset({"/id"})).test_client()

    assert client.get(path, environ_base=FAR).status_code == 200


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"a":1}', "application/json", 200),
        (b'{"a":1}', "application/fhir+json; charset=utf-8", 200),
        (b'{"a":1}', "text/plain", 415),
        (b"[1]", "application/json", 400),
        (b"{", "application/json", 400),
        (b'{"a":"' + b"x" * 2000 + b'"}', "application/json", 413),
    ],
)
def test_bodies_are_json_objects_of_bounded_size(
    body: bytes, content_type: str, status: int, client: FlaskClient
) -> None:
    assert client.post("/echo", data=body, content_type=content_type).status_code == status


def test_a_failure_is_logged_with_the_pattern_of_its_address(client: FlaskClient) -> None:
    with capture_logs() as logs:
        client.get("/fail/STALE")

    assert [event["route"] for event in logs] == ["/fail/<name>"]
