"""Settings become the real service."""

from pydantic import SecretStr

from wherry_cds.app import create_app
from wherry_cds.settings import Settings
from wherry_cds.wiring import wire


def test_lists_of_addresses_are_separated_by_spaces_or_commas() -> None:
    settings = Settings.model_validate(
        {"fhir_servers": "https://a.org/fhir, https://b.org/fhir", "cors_origins": "https://c.org"}
    )

    assert settings.fhir_servers == ("https://a.org/fhir", "https://b.org/fhir")
    assert settings.cors_origins == ("https://c.org",)


def test_a_patient_is_read_from_our_server_only_when_it_is_named_or_told_so() -> None:
    deps = wire(Settings.model_validate({}))

    assert deps.servers.own_by_default is False
    assert deps.servers.others == ()


def test_the_service_offers_its_catalogue_when_the_risk_service_is_away() -> None:
    settings = Settings.model_validate(
        {"risk_url": "http://127.0.0.1:1", "service_token": SecretStr("secret")}
    )
    client = create_app(wire(settings)).test_client()

    assert client.get("/cds-services").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.post("/cds-services/early-warning", json={}).status_code == 401
