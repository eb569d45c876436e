"""What a request must hold, and how each lack is told."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from wherry_cds.protocol.answer import empty_elements

Body = dict[str, Any]
AUTHORIZATION = {
    "access_token": "made-up-token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "patient/Observation.rs",
    "subject": "wherry",
}


def put(path: str, value: Any) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        *way, last = path.split(".")
        for name in way:
            body = body[name]
        body[last] = value

    return change


def drop(path: str) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        *way, last = path.split(".")
        for name in way:
            body = body[name]
        del body[last]

    return change


def authorized(**changes: Any) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        body["fhirServer"] = "https://ehr.example.org/fhir"
        body["fhirAuthorization"] = {**AUTHORIZATION, **changes}

    return change


REFUSED = {
    "no_hook": (drop("hook"), {"hook"}),
    "another_hook": (put("hook", "order-sign"), {"hook"}),
    "hook_is_a_list": (put("hook", ["patient-view"]), {"hook"}),
    "no_instance": (drop("hookInstance"), {"hookInstance"}),
    "instance_is_no_uuid": (put("hookInstance", "1234"), {"hookInstance"}),
    "instance_in_braces": (
        put("hookInstance", "{d1577c69-dfbe-44ad-ba6d-3e05e953b2ea}"),
        {"hookInstance"},
    ),
    "instance_is_a_number": (put("hookInstance", 5), {"hookInstance"}),
    "no_context": (drop("context"), {"context"}),
    "context_is_a_list": (put("context", []), {"context"}),
    "no_user": (drop("context.userId"), {"context.userId"}),
    "user_without_type": (put("context.userId", "u-1"), {"context.userId"}),
    "user_of_another_type": (put("context.userId", "Device/u-1"), {"context.userId"}),
    "no_patient": (drop("context.patientId"), {"context.patientId"}),
    "patient_is_null": (put("context.patientId", None), {"context.patientId"}),
    "patient_with_type": (put("context.patientId", "Patient/p-1"), {"context.patientId"}),
    "patient_climbs": (put("context.patientId", "../../admin"), {"context.patientId"}),
    "patient_searches": (put("context.patientId", "p-1&_count=1"), {"context.patientId"}),
    "patient_ends_a_line": (put("context.patientId", "p-1\n"), {"context.patientId"}),
    "patient_is_a_number": (put("context.patientId", 1), {"context.patientId"}),
    "encounter_is_a_number": (put("context.encounterId", 1), {"context.encounterId"}),
    "prefetch_is_a_list": (put("prefetch", []), {"prefetch"}),
    "prefetch_is_null": (put("prefetch", None), {"prefetch"}),
    "server_is_a_path": (put("fhirServer", "/fhir"), {"fhirServer"}),
    "server_is_a_file": (put("fhirServer", "file:///etc/passwd"), {"fhirServer"}),
    "server_has_a_query": (put("fhirServer", "https://ehr.example.org/?a="), {"fhirServer"}),
    "token_without_server": (put("fhirAuthorization", AUTHORIZATION), {"fhirServer"}),
    "token_is_null": (authorized(access_token=None), {"fhirAuthorization.access_token"}),
    "token_with_a_line": (authorized(access_token="a\r\nX: b"), {"fhirAuthorization.access_token"}),
    "token_of_another_type": (authorized(token_type="Basic"), {"fhirAuthorization.token_type"}),
    "token_ends_in_text": (authorized(expires_in="300"), {"fhirAuthorization.expires_in"}),
    "token_ends_in_true": (authorized(expires_in=True), {"fhirAuthorization.expires_in"}),
    "token_without_scope": (authorized(scope=None), {"fhirAuthorization.scope"}),
}

ACCEPTED = {
    "no_encounter": drop("context.encounterId"),
    "encounter_is_null": put("context.encounterId", None),
    "instance_in_capitals": put("hookInstance", "D1577C69-DFBE-44AD-BA6D-3E05E953B2EA"),
    "user_is_the_patient": put("context.userId", "Patient/p-1"),
    "user_is_a_role": put("context.userId", "PractitionerRole/r-1"),
    "unknown_field": put("somethingElse", {"a": None}),
    "unknown_context_field": put("context.department", ["x"]),
    "extension": put("extension", {"org.example.ehr": {"a": 1}}),
    "unknown_prefetch_key": put("prefetch.conditions", {"resourceType": "Bundle"}),
    "token": authorized(),
    "local_server": put("fhirServer", "http://127.0.0.1:8100/fhir"),
}


@pytest.mark.parametrize(("change", "at"), REFUSED.values(), ids=REFUSED)
def test_a_request_that_breaks_a_rule_is_refused_at_its_place(
    world: Any, request_body: Body, change: Callable[[Body], None], at: set[str]
) -> None:
    change(request_body)

    answer = world.call(request_body)

    issues = answer.get_json()["issue"]
    assert answer.status_code == 400
    assert {place for issue in issues for place in issue["expression"]} == at
    assert empty_elements(answer.get_json()) == []
    assert world.scorer.asked == []


@pytest.mark.parametrize("change", ACCEPTED.values(), ids=ACCEPTED)
def test_a_request_may_hold_more_or_less(
    world: Any, request_body: Body, change: Callable[[Body], None]
) -> None:
    change(request_body)

    assert world.call(request_body).status_code == 200


def test_every_problem_is_told_at_once(world: Any) -> None:
    answer = world.call({"hookInstance": "x", "context": {"patientId": "a b"}, "prefetch": 1})

    assert answer.get_json() == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": code,
                "details": {"text": text},
                "expression": [text.split(" ")[0]],
            }
            for code, text in (
                ("required", "hook is required"),
                ("value", "hookInstance must be a UUID"),
                ("required", "context.userId is required"),
                ("value", "context.patientId must be a FHIR id without a type"),
                ("value", "prefetch must be an object"),
            )
        ],
    }


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_refused(world: Any, body: bytes) -> None:
    assert world.call(body).status_code == 400


@pytest.mark.parametrize("type_", ["text/plain", "application/xml", ""])
def test_a_body_of_another_type_is_refused(world: Any, request_body: Body, type_: str) -> None:
    assert world.call(request_body, **{"Content-Type": type_}).status_code == 415


def test_a_body_that_is_too_large_is_refused(build: Any, request_body: Body) -> None:
    answer = build(max_body_bytes=100).call(request_body)

    assert answer.status_code == 413


def test_an_unknown_service_is_not_found(world: Any, request_body: Body) -> None:
    answer = world.client.post("/cds-services/lunar-phase", json=deepcopy(request_body["context"]))

    assert answer.status_code == 404
    assert answer.get_json()["resourceType"] == "OperationOutcome"


def test_a_service_is_called_by_post_only(world: Any) -> None:
    answer = world.client.get("/cds-services/early-warning")

    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")
