"""/fhir is closed unless a token opens it, or the operator opens it to this machine."""

from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from wherry.web.peers import read_networks
from wherry_ehr.migrate import upgrade
from wherry_ehr.settings import Settings

TOKEN = SecretStr("made-up-secret")
NEAR, FAR, GATEWAY = "127.0.0.1", "192.0.2.7", "172.30.87.1"
TRUSTED = read_networks(GATEWAY)
BEARER = {"Authorization": "Bearer made-up-secret"}


@pytest.mark.parametrize(
    ("settings", "caller", "status"),
    [
        ({"open_fhir": False}, (NEAR, {}), 401),
        ({"open_fhir": False}, (NEAR, {"Authorization": "Bearer "}), 401),
        ({"fhir_token": SecretStr("")}, (NEAR, {"Authorization": "Bearer "}), 401),
        ({"open_fhir": True}, (NEAR, {}), 200),
        ({"open_fhir": True}, ("::1", {}), 200),
        ({"open_fhir": True}, ("::ffff:127.0.0.1", {}), 200),
        ({"open_fhir": True}, (FAR, {}), 401),
        ({"open_fhir": True}, (GATEWAY, {}), 401),
        ({"open_fhir": True, "trusted_peers": TRUSTED}, (GATEWAY, {}), 200),
        ({"open_fhir": True, "trusted_peers": TRUSTED}, (FAR, {}), 401),
        ({"open_fhir": False, "trusted_peers": TRUSTED}, (GATEWAY, {}), 401),
        ({"open_fhir": True, "fhir_token": TOKEN}, (FAR, BEARER), 200),
        ({"fhir_token": TOKEN}, (NEAR, {}), 401),
        ({"fhir_token": TOKEN}, (FAR, BEARER), 200),
        ({"fhir_token": TOKEN}, (NEAR, {"Authorization": "bearer wrong"}), 401),
        ({"fhir_token": TOKEN}, (NEAR, {"Authorization": "Basic made-up-secret"}), 401),
    ],
)
def test_who_may_read(
    sqlite_url: str, serve: Any, settings: Any, caller: tuple[str, Any], status: int
) -> None:
    upgrade(sqlite_url)
    peer, headers = caller
    with serve(sqlite_url, **{"open_fhir": False, **settings}) as ehr:
        answer = ehr.client.get(
            "/fhir/Patient", headers=headers, environ_overrides={"REMOTE_ADDR": peer}
        )
        assert answer.status_code == status
        said = 'Bearer error="invalid_token"' if "Authorization" in headers else "Bearer"
        assert answer.headers.get("WWW-Authenticate") == (said if status == 401 else None)


@pytest.mark.parametrize("path", ["/fhir", "/fhir/", "/fhir/Dragon", "/fhir/a/b/c/d/e/f"])
def test_no_path_below_fhir_is_open(sqlite_url: str, serve: Any, path: str) -> None:
    upgrade(sqlite_url)
    with serve(sqlite_url, open_fhir=False) as ehr:
        assert ehr.client.get(path).status_code in {401, 405}
        assert ehr.client.post(path).status_code in {401, 405}


def test_metadata_is_open_to_all(sqlite_url: str, serve: Any) -> None:
    upgrade(sqlite_url)
    with serve(sqlite_url, open_fhir=False) as ehr:
        answer = ehr.client.get("/fhir/metadata", environ_overrides={"REMOTE_ADDR": FAR})
        assert answer.status_code == 200


def test_the_sandbox_refuses_to_run_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERRY_PRODUCTION", "true")

    with pytest.raises(ValidationError, match="does not run in production"):
        Settings()


def test_settings_come_from_their_own_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERRY_DATABASE_URL", "sqlite:///inbox.db")
    monkeypatch.setenv("WHERRY_EHR_DATABASE_URL", "sqlite:///store.db")
    monkeypatch.setenv("WHERRY_EHR_OPEN_FHIR", "true")
    monkeypatch.setenv("WHERRY_EHR_PUBLIC_URL", "https://sandbox.example.org/fhir")
    monkeypatch.setenv("WHERRY_EHR_TRUSTED_PEERS", "172.30.87.1/32, fd00:87::/64")

    settings = Settings()

    assert settings.database_url == "sqlite:///store.db"
    assert (settings.open_fhir, settings.public_url) == (True, "https://sandbox.example.org/fhir")
    assert [str(network) for network in settings.trusted_peers] == [
        "172.30.87.1/32",
        "fd00:87::/64",
    ]


def test_without_a_word_no_peer_is_trusted() -> None:
    assert Settings().trusted_peers == ()


@pytest.mark.parametrize("said", ["everybody", "0.0.0.0/0", "203.0.113.0/24", "172.30.87.0/33"])
def test_the_sandbox_does_not_start_with_peers_that_it_cannot_trust(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setenv("WHERRY_EHR_TRUSTED_PEERS", said)

    with pytest.raises(ValidationError, match=f"(?s)trusted_peers.*'{said}' is no"):
        Settings()
