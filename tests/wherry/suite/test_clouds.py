"""`wherry up` connects its device service to its own sandbox of clouds, unless told otherwise."""

import json
from pathlib import Path

import pytest

from wherry.suite import clouds
from wherry.suite.addresses import Addresses
from wherry.suite.place import Place
from wherry.suite.plan import plan
from wherry.suite.processes import table
from wherry.suite.settings import UpSettings
from wherry_devices.accounts.cloud_wiring import registration
from wherry_devices.sandbox import grants, ihealth
from wherry_devices.sandbox.control import KINDS
from wherry_devices.settings import Settings
from wherry_devices.vendors import VENDORS

AT = Addresses(500)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("VENDORS", "DOORS", "SIGNATURES"):
        monkeypatch.delenv(f"WHERRY_DEVICES_{name}", raising=False)
    made = Place(tmp_path)
    made.prepare()
    return made


def env(place: Place, **given: str) -> dict[str, str]:
    settings = UpSettings.model_validate({"redis_url": "redis://127.0.0.1:1/0", **given})
    rows = {row.name: row for row in table(plan(place, AT, settings, open_fhir=False))}
    assert rows["devices"].env == rows["devices-worker"].env == rows["devices-fetcher"].env
    assert place.door_secret() not in repr(rows)
    return dict(rows["devices"].env)


def test_the_sandbox_and_the_suite_know_the_same_client_and_vendors() -> None:
    assert (clouds.CLIENT_ID, clouds.CLIENT_SECRET) == (grants.CLIENT_ID, grants.CLIENT_SECRET)
    assert set(clouds.SOURCES) == set(VENDORS) <= set(KINDS)


def test_the_device_service_is_registered_at_the_suites_own_sandbox(place: Place) -> None:
    said = json.loads(env(place)["WHERRY_DEVICES_VENDORS"])

    assert {name: one["base_url"] for name, one in said.items()} == {
        name: f"http://127.0.0.1:8606/{name}" for name in clouds.SOURCES
    }


def test_the_device_service_takes_what_the_suite_says_of_vendors(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERRY_DEVICES_VENDORS", env(place)["WHERRY_DEVICES_VENDORS"])

    made = {name: registration(name, one) for name, one in Settings().vendors.items()}

    assert not [one for one in made.values() if one.is_real]
    assert made["omron"].consent == "http://127.0.0.1:8606/omron/connect/authorize"
    assert made["ihealth"].client.more["sc"] == ihealth.SC
    assert {made["ihealth"].client.more[f"sv_{name}"] for name in ("bp", "glucose")} == {ihealth.SV}


def test_a_vendor_that_does_not_sign_is_given_a_path_of_this_suite(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERRY_DEVICES_DOORS", env(place)["WHERRY_DEVICES_DOORS"])

    doors = Settings().doors

    assert sorted(doors) == ["omron", "withings"]
    [secret] = doors["withings"].secrets
    assert clouds.hook(AT, place, "withings") == (
        f"http://127.0.0.1:8602/v1/sources/withings/{secret.get_secret_value()}"
    )
    assert Place(place.root).door_secret() == place.door_secret()
    assert (place.root / "door-secret").stat().st_mode & 0o077 == 0


def test_the_sandboxs_google_is_believed_by_the_keys_that_it_publishes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHERRY_DEVICES_SIGNATURES", env(place)["WHERRY_DEVICES_SIGNATURES"])

    [(name, signed)] = Settings().signatures.items()

    assert (name, signed.keyset_url) == (
        "google-health",
        "http://127.0.0.1:8606/google-health/keyset.json",
    )
    assert [one.get_secret_value() for one in signed.authorization] == [clouds.authorization(place)]


def test_what_the_environment_says_goes_first(place: Place) -> None:
    found = env(place, devices_vendors='{"withings": {}}', devices_doors='{"omron": {}}')

    assert found["WHERRY_DEVICES_VENDORS"] == '{"withings": {}}'
    assert found["WHERRY_DEVICES_DOORS"] == '{"omron": {}}'
