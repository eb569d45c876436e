"""Settings become the real service."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from wherry_cds.app import create_app
from wherry_cds.migrate import upgrade
from wherry_cds.settings import Settings
from wherry_cds.wiring import wire


def test_lists_of_addresses_are_separated_by_spaces_or_commas() -> None:
    settings = Settings.model_validate(
        {"fhir_servers": "https://a.org/fhir, https://b.org/fhir", "cors_origins": "https://c.org"}
    )

    assert settings.fhir_servers == ("https://a.org/fhir", "https://b.org/fhir")
    assert settings.cors_origins == ("https://c.org",)


def test_a_patient_is_read_from_our_server_only_when_it_is_named_or_told_so() -> None:
    deps = wire(Settings.model_validate({"database_url": "sqlite://"}))

    assert deps.servers.own_by_default is False
    assert deps.servers.others == ()


def test_the_service_offers_its_catalogue_when_the_risk_service_is_away(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/cds.db"
    upgrade(url)
    settings = Settings.model_validate(
        {
            "risk_url": "http://127.0.0.1:1",
            "service_token": SecretStr("secret"),
            "database_url": url,
        }
    )
    client = create_app(wire(settings)).test_client()

    assert client.get("/cds-services").status_code == 200
    assert client.get("/readyz").status_code == 503
    assert client.post("/cds-services/early-warning", json={}).status_code == 401


def test_without_its_tables_the_service_answers_nobody(tmp_path: Path) -> None:
    settings = Settings.model_validate({"database_url": f"sqlite:///{tmp_path}/empty.db"})
    client = create_app(wire(settings)).test_client()

    assert client.get("/cds-services").status_code == 503
    assert client.post("/cds-services/early-warning", json={}).status_code == 503


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"production": True}, "must be https"),
        ({"public_url": "/cds"}, "an absolute http or https address"),
        ({"public_url": ""}, "an absolute http or https address"),
        ({"key_networks": "8.8.8.0/24"}, "not within a private network"),
        ({"discovery_auth": "sometimes"}, "required"),
        ({"vendor_hooks": {"org.example.x": {"context": {}}}}, "services"),
    ],
)
def test_settings_that_would_weaken_or_make_no_sense_stop_the_start(
    changes: dict[str, object], text: str
) -> None:
    with pytest.raises(ValidationError, match=text):
        Settings.model_validate(changes)


def test_a_vendors_hook_is_offered_with_its_own_context() -> None:
    hook = "org.example.ward-round"
    deps = wire(
        Settings.model_validate(
            {
                "database_url": "sqlite://",
                "vendor_hooks": {
                    hook: {
                        "services": ["early-warning"],
                        "context": {"patientId": "id", "userId": "reference?"},
                    }
                },
            }
        )
    )

    assert [service.id for service in deps.services if service.hook == hook] == ["early-warning"]
    assert [(field.name, field.required) for field in deps.contexts[hook]] == [
        ("patientId", True),
        ("userId", False),
    ]
