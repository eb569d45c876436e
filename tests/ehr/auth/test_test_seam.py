"""/auth/test is there when it is switched on, and for this machine only."""

from dataclasses import replace
from typing import Any

import pytest

from wherry_ehr.app import create_app
from wherry_ehr.settings import Settings

WAYS = [
    ("POST", "/auth/test/clients"),
    ("DELETE", "/auth/test/clients/app"),
    ("POST", "/auth/test/session"),
    ("DELETE", "/auth/test/session"),
    ("POST", "/auth/test/launches"),
    ("PUT", "/auth/test/resources/Patient/p-1"),
]
CLIENT = {
    "client_id": "mine",
    "name": "Mine",
    "auth_method": "none",
    "redirect_uris": ["http://127.0.0.1:9/back"],
    "launch_url": "http://127.0.0.1:9/launch",
    "scope": "launch patient/Patient.rs",
}


@pytest.fixture
def seam(smart: Any) -> Any:
    return create_app(replace(smart.deps, test_seam=True)).test_client()


@pytest.mark.parametrize(("method", "path"), WAYS)
def test_nothing_is_there_unless_it_is_switched_on(smart: Any, method: str, path: str) -> None:
    assert Settings().test_seam is False
    assert smart.client.open(path, method=method, json={}).status_code in {404, 405}


@pytest.mark.parametrize(("method", "path"), WAYS)
def test_nobody_else_gets_in(seam: Any, method: str, path: str) -> None:
    """Another machine, another name for this one, and a page of another site."""
    for environ, headers in (
        ({"REMOTE_ADDR": "203.0.113.5"}, {}),
        ({}, {"Host": "rebound.example.org"}),
        ({}, {"Origin": "https://evil.example"}),
    ):
        answer = seam.open(path, method=method, json={}, headers=headers, environ_base=environ)
        assert answer.status_code == 403


def test_an_app_is_registered_launched_and_forgotten(seam: Any) -> None:
    """R24, R316."""
    registered = seam.post("/auth/test/clients", json=CLIENT)
    seam.post("/auth/test/session", json={"clinician": "sandbox-clinician-1"})
    launch = seam.post("/auth/test/launches", json={"client_id": "mine", "patient": "p-1"})
    gone = [seam.delete("/auth/test/clients/mine").status_code for _ in range(2)]

    assert (registered.status_code, registered.get_json()) == (201, {"client_id": "mine"})
    assert launch.get_json()["launch_url"].startswith("http://127.0.0.1:9/launch?iss=")
    assert gone == [204, 404]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/auth/test/clients", {}, 400),
        ("POST", "/auth/test/clients", [], 400),
        ("POST", "/auth/test/clients", {**CLIENT, "surprise": 1}, 400),
        ("POST", "/auth/test/session", {"clinician": "nobody"}, 400),
        ("POST", "/auth/test/session", {"clinician": 1}, 400),
        ("POST", "/auth/test/launches", {"client_id": "nobody", "patient": "p-1"}, 404),
        ("POST", "/auth/test/launches", {"client_id": "app", "patient": "nobody"}, 404),
        ("POST", "/auth/test/launches", {"client_id": "app", "patient": "p-1", "intent": "x"}, 400),
        (
            "POST",
            "/auth/test/launches",
            {"client_id": "app", "patient": "p-1", "fhirContext": {}},
            400,
        ),
        ("PUT", "/auth/test/resources/Patient/p-1", {"resourceType": "Patient", "id": "x"}, 400),
        ("PUT", "/auth/test/resources/Patient/x", {"resourceType": "Flag", "id": "x"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(
    seam: Any, method: str, path: str, body: Any, status: int
) -> None:
    seam.post("/auth/test/session", json={"clinician": "sandbox-clinician-1"})

    answer = seam.open(path, method=method, json=body)

    assert (answer.status_code, answer.get_json()["resourceType"]) == (status, "OperationOutcome")
    assert answer.get_json()["issue"][0]["details"]["text"]


def test_who_is_not_signed_in_launches_nothing(seam: Any) -> None:
    answer = seam.post("/auth/test/launches", json={"client_id": "app", "patient": "p-1"})

    assert answer.status_code == 401
