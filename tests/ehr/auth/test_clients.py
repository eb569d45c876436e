"""Registrations: the suite's own app, and a file that is read strictly."""

import json
from pathlib import Path
from typing import Any

import pytest

from wherry.errors import Failure
from wherry_ehr.auth.clients import Client, own_client
from wherry_ehr.auth.registry import read_clients
from wherry_ehr.settings import Settings
from wherry_ehr.wiring import wire

GOOD = {
    "client_id": "mine",
    "name": "My app",
    "launch_url": "https://app.example.org/launch",
    "redirect_uris": ["https://app.example.org/callback"],
    "scope": "launch patient/Patient.rs",
    "jwks_uri": "https://app.example.org/jwks.json",
}


def _file(folder: Path, *clients: Any) -> Path:
    path = folder / "clients.json"
    path.write_text(json.dumps(clients))
    return path


def test_the_suites_own_app_is_registered_at_its_address() -> None:
    """R18, R24, R296."""
    assert own_client("http://127.0.0.1:8605") == Client(
        client_id="wherry-smart",
        name="Wherry app",
        launch_url="http://127.0.0.1:8605/launch",
        redirect_uris=("http://127.0.0.1:8605/callback",),
        scope=(
            "launch launch/patient openid fhirUser online_access patient/Patient.rs "
            "patient/Observation.rs patient/RiskAssessment.rs patient/Encounter.rs "
            "patient/Device.rs patient/Provenance.rs user/Patient.rs user/Observation.rs "
            "user/RiskAssessment.rs user/Encounter.rs user/Device.rs user/Provenance.rs "
            "patient/ServiceRequest.c user/ServiceRequest.c"
        ),
        jwks_uri="http://127.0.0.1:8605/.well-known/jwks.json",
    )


def test_a_file_registers_more_apps(tmp_path: Path) -> None:
    """R296, R297."""
    by_value = {**GOOD, "client_id": "b", "jwks": {"keys": [{"kid": "1"}]}}
    del by_value["jwks_uri"]

    found = read_clients(_file(tmp_path, GOOD, by_value))

    assert [(one.client_id, bool(one.jwks)) for one in found] == [("mine", False), ("b", True)]


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": ""},
        {"redirect_uris": []},
        {"redirect_uris": ["/callback"]},
        {"redirect_uris": ["https://app.example.org/callback#x"]},
        {"redirect_uris": ["javascript:alert(1)"]},
        {"launch_url": "app.example.org"},
        {"jwks_uri": ""},
        {"jwks": {"keys": []}, "jwks_uri": ""},
        {"jwks": {"keys": [{"kid": "1"}]}},
        {"client_secret": "x"},
        {"redirect_uris": "https://app.example.org/callback"},
    ],
)
def test_a_registration_that_cannot_be_right_is_refused(
    tmp_path: Path, changes: dict[str, Any]
) -> None:
    with pytest.raises(Failure):
        read_clients(_file(tmp_path, {**GOOD, **changes}))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"nowhere\.json"):
        read_clients(tmp_path / "nowhere.json")


def test_no_two_apps_have_one_id(tmp_path: Path, sqlite_url: str) -> None:
    path = _file(tmp_path, {**GOOD, "client_id": "wherry-smart"})

    with pytest.raises(Failure, match="same client_id"):
        wire(Settings(database_url=sqlite_url, clients=str(path)))


def test_without_an_address_the_own_app_is_left_out(tmp_path: Path, sqlite_url: str) -> None:
    made = wire(Settings(database_url=sqlite_url, clients=str(_file(tmp_path, GOOD)), smart_url=""))

    assert [one.client_id for one in made.clients] == ["mine"]
    made.store.close()
