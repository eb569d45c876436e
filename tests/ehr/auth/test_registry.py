"""Registrations in the store. Requirement ids are those of SMART App Launch 2.2 (Rnnn)."""

from typing import Any

import msgspec
import pytest
from tests.ehr.auth.apps import launched, public_app, refreshed

from wherry.errors import Failure
from wherry_ehr.auth.clients import Client, hashed, problem
from wherry_ehr.auth.registry import Registered, read_client

GOOD = Client(
    client_id="mine",
    name="Mine",
    launch_url="https://app.example.org/launch",
    redirect_uris=("https://app.example.org/back",),
    scope="launch patient/Patient.rs",
    auth_method="none",
)


def _changed(**changes: Any) -> Client:
    return msgspec.structs.replace(GOOD, **changes)


def test_what_was_registered_is_found_after_a_restart(either: Any) -> None:
    registered = Registered(either.deps.store.engine)
    registered.add(GOOD)

    again = Registered(either.deps.store.engine, (_changed(client_id="fixed"),))

    assert again.one("mine") == GOOD
    assert [one.client_id for one in again.all()] == ["fixed", "mine"]
    assert (again.one("nobody"), again.one("")) == (None, None)


@pytest.mark.parametrize("client_id", ["mine", "fixed"])
def test_nobody_takes_anothers_id(either: Any, client_id: str) -> None:
    """R305."""
    registered = Registered(either.deps.store.engine, (_changed(client_id="fixed"),))
    registered.add(GOOD)

    with pytest.raises(Failure, match="registered already"):
        registered.add(_changed(client_id=client_id, name="Somebody else"))


def test_a_registration_that_was_changed_behind_our_back_is_not_used(either: Any) -> None:
    """R305: keys in the store are protected from corruption."""
    registered = Registered(either.deps.store.engine)
    registered.add(GOOD)
    with either.deps.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE auth_client SET body = replace(body, 'app.', 'evil.')")

    for ask in (registered.all, lambda: registered.one("mine")):
        with pytest.raises(Failure, match="not as it was kept"):
            ask()


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "a b"},
        {"name": " "},
        {"redirect_uris": ()},
        {"redirect_uris": ("https://*.example.org/",)},
        {"redirect_uris": ("https://user@app.example.org/",)},
        {"redirect_uris": ("http://app.example.org:x/",)},
        {"redirect_uris": ("https://app.example.org;script-src/",)},
        {"redirect_uris": ("https:///back",)},
        {"origins": ("https://app.example.org/path",)},
        {"jwks_uri": "https://app.example.org/jwks"},
        {"secret_sha256": hashed("x")},
        {"auth_method": "client_secret_basic"},
        {"auth_method": "client_secret_basic", "secret_sha256": "plain"},
        {"auth_method": "private_key_jwt"},
        {"token_life_s": 3601},
        {"token_life_s": 0},
        {"code_life_s": 601},
        {"redirect_uris": (), "scope": "system/*.rs"},
    ],
)
def test_a_registration_that_cannot_be_right_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Failure):
        read_client(msgspec.to_builtins(_changed(**changes)))


def test_a_backend_service_needs_a_key_and_no_address() -> None:
    """R240, R344."""
    service = _changed(
        redirect_uris=(),
        launch_url="",
        scope="system/*.rs",
        auth_method="private_key_jwt",
        jwks={"keys": [{"kid": "1"}]},
    )

    assert problem(service) == ""
    assert service.check_grant_type("client_credentials")
    assert not service.check_grant_type("authorization_code")
    assert not GOOD.check_grant_type("client_credentials")


@pytest.mark.parametrize(
    ("registered", "asked", "native", "expected"),
    [
        ("http://127.0.0.1/back", "http://127.0.0.1:5000/back", True, True),
        ("http://127.0.0.1/back", "http://127.0.0.1:5000/back", False, False),
        ("http://[::1]/back", "http://[::1]:5000/back", True, True),
        ("http://[::1]/back", "http://[::1]:1/back", True, True),
        ("http://localhost/back", "http://localhost:5000/back", True, False),
        ("http://127.0.0.1/back", "http://127.0.0.1:5000/Back", True, False),
        ("http://127.0.0.1/back", "http://127.0.0.1:5000/back?x", True, False),
        ("https://app.example/back", "https://app.example:5000/back", True, False),
        ("http://127.0.0.1/back", "http://x@127.0.0.1:5000/back", True, False),
        ("http://127.0.0.1/back", "http://127.0.0.1:99999/back", True, False),
    ],
)
def test_a_native_app_may_have_any_port_on_a_loopback_address(
    registered: str, asked: str, native: bool, expected: bool
) -> None:
    """RFC 8252, 7.3 and 8.4."""
    client = _changed(redirect_uris=(registered,), native=native)

    assert client.check_redirect_uri(asked) is expected


def test_what_a_client_was_given_ends_with_its_registration(smart: Any) -> None:
    client = public_app(smart)
    other = public_app(smart, "public-2")
    body = launched(smart, client, "launch patient/Patient.rs offline_access").get_json()
    plain = launched(smart, client, "launch patient/Patient.rs").get_json()
    kept = launched(smart, other, "launch patient/Patient.rs").get_json()

    def statuses() -> list[int]:
        tokens = [one["access_token"] for one in (body, plain, kept)]
        return [smart.fhir(token, "Patient/p-1").status_code for token in tokens]

    before = statuses()
    Registered(smart.deps.store.engine).remove("public")

    assert (before, statuses()) == ([200, 200, 200], [401, 401, 200])
    assert refreshed(smart, client, body["refresh_token"]).get_json()["error"] == "invalid_client"


def test_a_card_and_the_chart_know_apps_that_were_added(smart: Any) -> None:
    public_app(smart)

    assert "A page" in smart.client.get("/chart/p-1").get_data(as_text=True)
